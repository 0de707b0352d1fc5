import { describe, expect, it } from "vitest";
import { frigateNames, isFrigateApp, startingFrigates, wantedFrigates } from "../../src/domain/frigate-apps.ts";

const [A, B, C] = ["ccab4aaf_frigate", "local_frigate", "ccab4aaf_frigate-fa"] as const;
/** All three are installed; these run. */
const installed = (...running: readonly string[]) => [A, B, C].map((slug) => ({ slug, isRunning: running.includes(slug) }));

describe("Frigate among the apps", () => {
  it.each([
    ["ccab4aaf_frigate", true],
    ["ccab4aaf_frigate-fa", true],
    ["ccab4aaf_frigate-beta", true],
    ["ccab4aaf_frigate-fa-beta", true],
    ["ccab4aaf_frigate-oldcpu", true],
    ["local_frigate", true],
    ["0123abcd_frigate-fa", true],
    // It leads to a Frigate elsewhere, and has no configuration of its own.
    ["ccab4aaf_frigate-proxy", false],
    ["ccab4aaf_frigate-notify", false],
    ["ccab4aaf_frigate_sync", false],
    ["core_mosquitto", false],
    ["a889bffc_go2rtc", false],
    ["frigate", false],
  ])("%s: %s", (slug, is) => {
    expect(isFrigateApp(slug)).toBe(is);
  });

  it("is the one that runs, whatever else is installed; two that run are two", () => {
    const proxy = { slug: "ccab4aaf_frigate-proxy", isRunning: true };
    expect(wantedFrigates([proxy, ...installed(C)], [])).toEqual({ slugs: [C], replaced: [] });
    expect(wantedFrigates([proxy, ...installed(B, A)], [])).toEqual({ slugs: [A, B], replaced: [] });
    expect(wantedFrigates([proxy, ...installed()], [])).toEqual({ slugs: [], replaced: [] });
  });

  it.each([
    ["a known one that is stopped stays, beside another that runs", [A, B], [B], [A, B]],
    ["all known ones stay when none runs", [B, A], [], [B, A]],
    ["a new one comes after the known ones, whatever it is called", [B], [A, B], [B, A]],
    ["a new one beside a known one that runs takes nobody's place", [A, B], [B, C], [A, B, C]],
  ])("%s", (_what, known, running, slugs) => {
    expect(wantedFrigates(installed(...running), known)).toEqual({ slugs, replaced: [] });
  });

  it("one that runs while none of the known ones does takes their place", () => {
    expect(wantedFrigates(installed(C), [A])).toEqual({ slugs: [A, C], replaced: [A] });
    expect(wantedFrigates(installed(C), [A, B])).toEqual({ slugs: [A, B, C], replaced: [A, B] });
  });

  it("a known one that is not installed any more is gone", () => {
    const left = installed(B).filter(({ slug }) => slug !== A);
    expect(wantedFrigates(left, [A, B])).toEqual({ slugs: [B], replaced: [] });
    expect(wantedFrigates(left, [A])).toEqual({ slugs: [B], replaced: [] });
  });

  it("is, at the start of the machine, the one that will run", async () => {
    expect(await startingFrigates(installed(), (slug) => Promise.resolve(slug === C))).toEqual([C]);
    expect(await startingFrigates(installed(), () => Promise.resolve(false))).toEqual([]);
  });

  it("is called as its variant, and by its repository too where two are the same variant", () => {
    expect(frigateNames(["ccab4aaf_frigate-fa", "ccab4aaf_frigate"])).toEqual(
      new Map([
        ["ccab4aaf_frigate-fa", "frigate-fa"],
        ["ccab4aaf_frigate", "frigate"],
      ]),
    );
    expect([...frigateNames(["ccab4aaf_frigate", "local_frigate", "local_frigate-fa"]).values()]).toEqual([
      "ccab4aaf-frigate",
      "local-frigate",
      "frigate-fa",
    ]);
  });

  it("keeps the name that it was given, whatever comes or goes beside it", () => {
    expect([...frigateNames([A, B], new Map([[A, "frigate"]])).values()]).toEqual(["frigate", "local-frigate"]);
    expect([...frigateNames([A], new Map([[A, "ccab4aaf-frigate"]])).values()]).toEqual(["ccab4aaf-frigate"]);
    expect([...frigateNames([B], new Map([[A, "frigate"]])).values()]).toEqual(["frigate"]);
  });
});
