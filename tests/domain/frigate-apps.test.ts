import { describe, expect, it } from "vitest";
import { frigateNames, isFrigateApp, meantFrigates } from "../../src/domain/frigate-apps.ts";

const never = (): Promise<boolean> => Promise.reject(new Error("not asked for"));

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

  it("is the one that runs, whatever else is installed; two that run are two", async () => {
    const apps = [
      { slug: "ccab4aaf_frigate-fa", isRunning: false },
      { slug: "ccab4aaf_frigate-beta", isRunning: true },
      { slug: "ccab4aaf_frigate-proxy", isRunning: true },
    ];
    expect(await meantFrigates(apps, never)).toEqual(["ccab4aaf_frigate-beta"]);
    expect(await meantFrigates([{ slug: "local_frigate", isRunning: true }, ...apps], never)).toEqual([
      "ccab4aaf_frigate-beta",
      "local_frigate",
    ]);
  });

  it("is, at the start of the machine, the one that will run", async () => {
    const apps = [
      { slug: "ccab4aaf_frigate", isRunning: false },
      { slug: "ccab4aaf_frigate-fa", isRunning: false },
    ];
    expect(await meantFrigates(apps, (slug) => Promise.resolve(slug === "ccab4aaf_frigate-fa"))).toEqual(["ccab4aaf_frigate-fa"]);
    expect(await meantFrigates(apps, () => Promise.resolve(false))).toEqual([]);
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
});
