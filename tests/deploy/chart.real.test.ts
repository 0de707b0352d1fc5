import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { part } from "../parts.ts";
import { CHART, chartDigest, DIGEST, goldenOf, helmArguments, type Mode, MODES, rendered } from "./chart.ts";

const LONG = process.env["CAMERA_SHEPHERD_LONG"] !== undefined;

/** The short form reads what Helm made last; `deploy.test.ts` sees to it that this was made of the chart as it is. */
function made(mode: Mode): string {
  return LONG ? execFileSync(part("helm", "3.18.6"), [...helmArguments(mode)], { encoding: "utf8" }) : rendered(mode);
}

beforeAll(() => {
  if (!LONG) return;
  // Ends with an error where the chart is not as Helm wants it.
  execFileSync(part("helm", "3.18.6"), ["lint", "--strict", CHART]);
  writeFileSync(DIGEST, `${chartDigest()}\n`);
});

describe("the chart", () => {
  test.each(MODES)("as %s: what Helm makes of it is what the API server is shown", async (mode) => {
    const text = made(mode);
    expect(text).toContain("# Source: camera-shepherd/templates/workload.yaml");
    await expect(text).toMatchFileSnapshot(goldenOf(mode));
  });
});
