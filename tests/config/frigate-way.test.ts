import { describe, expect, it } from "vitest";
import type { FoundDocument } from "../../src/config/document-places.ts";
import { frigateWay, type FrigateWay, NEAREST_FRIGATE, type WayQuestion } from "../../src/config/frigate-way.ts";

const NONE: FoundDocument = { kind: "none", looked: [] };
const FOUND: FoundDocument = { kind: "found", path: "/config/config.yml", what: "Frigate's volume", passedOver: [] };
const GO2RTC: FoundDocument = { kind: "found", path: "./go2rtc.yaml", what: "stand-alone go2rtc", passedOver: [] };
const SEVERAL: FoundDocument = { kind: "several", paths: ["/a/config.yml", "/b/config.yml"] };
const URL = "https://192.168.1.10:8971";

async function way(
  question: WayQuestion,
  found: FoundDocument,
  answering = false,
): Promise<{ readonly way: FrigateWay; readonly asked: string[] }> {
  const asked: string[] = [];
  const senses = {
    find: () => Promise.resolve(found),
    answers: (url: string) => {
      asked.push(url);
      return Promise.resolve(answering);
    },
  };
  return { way: await frigateWay(question, senses), asked };
}

it.each([[{ kind: "git", why: "since Flux keeps it" }], [{ kind: "kubernetes", why: "since nobody keeps it" }]] as const)(
  "of a repository and a ConfigMap it is the one that is chosen by what is seen there: %o",
  async (choice) => {
    const senses = { find: () => Promise.resolve(FOUND), answers: () => Promise.resolve(true), choice: () => Promise.resolve(choice) };
    const both = { via: "auto", git: {}, kubernetes: { configmap: "frigate" } } as const;
    expect(await frigateWay(both, senses)).toEqual(choice);
    expect(await frigateWay({ ...both, via: "none" }, senses)).toEqual({ kind: "none" });
  },
);

describe("the way to Frigate's document", () => {
  const cases: readonly (readonly [string, WayQuestion, FoundDocument, Partial<FrigateWay> & object])[] = [
    ["a file that is named goes before everything", { via: "auto", file: "/x.yml", url: URL }, FOUND, { kind: "file", path: "/x.yml" }],
    [
      "a file that is found goes before the address, which serves the running Frigate",
      { via: "auto", url: URL },
      FOUND,
      { kind: "file", path: "/config/config.yml" },
    ],
    ["the address goes before a go2rtc that happens to be near", { via: "auto", url: URL }, GO2RTC, { kind: "api", url: URL }],
    ["a go2rtc alone is looked after where there is no address", { via: "auto" }, GO2RTC, { kind: "file", path: "./go2rtc.yaml" }],
    [
      "the address is taken where no document is here",
      { via: "auto", url: URL },
      NONE,
      { kind: "api", url: URL, why: "Frigate's document was not found on this machine, and frigate.url is given" },
    ],
    [
      "the address tells which of several is meant",
      { via: "auto", url: URL },
      SEVERAL,
      { kind: "api", url: URL, why: "several documents were found on this machine, and frigate.url is given" },
    ],
    ["several without an address: a person names it", { via: "auto" }, SEVERAL, { kind: "unnamed" }],
    ["via: file never speaks to Frigate", { via: "file", url: URL }, NONE, { kind: "unnamed" }],
    ["via: api never looks for a file", { via: "api", url: URL, file: "/x.yml" }, FOUND, { kind: "api", url: URL, why: "via: api" }],
    ["via: api without an address means this machine", { via: "api" }, FOUND, { kind: "api", url: NEAREST_FRIGATE }],
    ["via: git looks for no file", { via: "git", git: {} }, FOUND, { kind: "git", why: "via: git" }],
    ["a repository that is named goes before a file that is found", { via: "auto", git: {}, url: URL }, FOUND, { kind: "git" }],
    ["a file that is named goes before a repository", { via: "auto", git: {}, file: "/x.yml" }, NONE, { kind: "file", path: "/x.yml" }],
    [
      "a ConfigMap that is named goes before a file that is found",
      { via: "auto", kubernetes: { configmap: "frigate" }, url: URL },
      FOUND,
      { kind: "kubernetes", why: "frigate.kubernetes.configmap is given" },
    ],
    [
      "a cluster that is named for something else is no document",
      { via: "auto", kubernetes: {}, url: URL },
      NONE,
      { kind: "api", url: URL },
    ],
    [
      "a repository goes before the ConfigMap that is made of it",
      { via: "auto", git: {}, kubernetes: { configmap: "frigate" } },
      NONE,
      { kind: "git", why: "frigate.git is given" },
    ],
    ["via: kubernetes looks for no file", { via: "kubernetes", kubernetes: {} }, FOUND, { kind: "kubernetes", why: "via: kubernetes" }],
    ["via: none leaves it alone", { via: "none", url: URL }, FOUND, { kind: "none" }],
  ];
  it.each(cases)("%s", async (_name, question, found, expected) => {
    const { way: taken, asked } = await way(question, found, true);
    expect(taken).toMatchObject(expected);
    expect(asked).toEqual([]);
  });

  it("is this machine's port 5000 where nothing is named or found and a Frigate answers there", async () => {
    const { way: taken, asked } = await way({ via: "auto" }, NONE, true);
    expect(taken).toEqual({
      kind: "api",
      url: NEAREST_FRIGATE,
      why: "Frigate's document was not found on this machine, and Frigate answers there",
    });
    expect(asked).toEqual([NEAREST_FRIGATE]);
    expect((await way({ via: "auto" }, NONE, false)).way).toMatchObject({ kind: "unnamed" });
  });
});
