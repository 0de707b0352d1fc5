import { expect, it } from "vitest";
import { DOCUMENT_PLACES, findDocument, foundWords } from "../../src/config/document-places.ts";

const among =
  (...paths: string[]) =>
  (path: string) =>
    Promise.resolve(paths.includes(path));

it("knows the folders of every Frigate app, under the newer and the older mount", () => {
  const folders = DOCUMENT_PLACES.map(({ folder }) => folder);
  for (const slug of ["frigate", "frigate-fa", "frigate-beta", "frigate-fa-beta"]) {
    expect(folders).toContain(`/app_configs/ccab4aaf_${slug}`);
    expect(folders).toContain(`/addon_configs/ccab4aaf_${slug}`);
  }
});

it("takes config.yml before config.yaml and says so", async () => {
  expect(await findDocument(among("/config/config.yml", "/config/config.yaml"))).toEqual({
    kind: "found",
    path: "/config/config.yml",
    what: "Frigate's volume",
    passedOver: [{ path: "/config/config.yaml", why: "Frigate reads /config/config.yml where both exist" }],
  });
  expect(await findDocument(among("/config/config.yaml"))).toMatchObject({ kind: "found", path: "/config/config.yaml", passedOver: [] });
});

it("takes a stand-alone go2rtc only where there is no Frigate", async () => {
  expect(await findDocument(among("./go2rtc.yaml"))).toMatchObject({ kind: "found", path: "./go2rtc.yaml", what: "stand-alone go2rtc" });
  expect(await findDocument(among("/config/config.yml", "/config/go2rtc.yaml"))).toMatchObject({
    kind: "found",
    path: "/config/config.yml",
    passedOver: [{ path: "/config/go2rtc.yaml", why: "Frigate's own document goes before it" }],
  });
});

it("does not choose between several Frigates, but sees one folder under two names", async () => {
  const [newer, older] = ["/app_configs/ccab4aaf_frigate/config.yml", "/addon_configs/ccab4aaf_frigate/config.yml"];
  expect(await findDocument(among(newer, "/app_configs/ccab4aaf_frigate-beta/config.yml"))).toEqual({
    kind: "several",
    paths: [newer, "/app_configs/ccab4aaf_frigate-beta/config.yml"],
  });
  const same = (one: string, other: string) => Promise.resolve(one.split("/").slice(2).join("/") === other.split("/").slice(2).join("/"));
  expect(await findDocument(among(newer, older), same)).toMatchObject({ kind: "found", path: newer });
});

it("says where it looked when it found nothing: a few folders by name, and how many more", async () => {
  const words = foundWords({ kind: "none", looked: [] });
  expect(words).toMatch(
    /^none was found; looked in \/config, \/opt\/frigate\/config, \/opt\/frigate, \/srv\/frigate\/config and \d+ other usual folders$/,
  );
  expect(await findDocument(among())).toEqual({ kind: "none", looked: expect.arrayContaining(["/config/config.yml", "./go2rtc.yaml"]) });
});
