import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import { parseIp } from "../../src/domain/addresses.ts";

const folder = join(import.meta.dirname, "../golden/documents");

const Case = z.strictObject({
  /** Old address to new one. */
  moves: z.record(z.string(), z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  leftAlone: z.array(z.strictObject({ path: z.string(), why: z.string(), variable: z.string().optional() })),
});

describe.each(readdirSync(folder))("%s", (name) => {
  const text = (file: string) => readFileSync(join(folder, name, file), "utf8");
  const { moves, environment, leftAlone } = Case.parse(JSON.parse(text("moves.json")));
  const kind = existsSync(join(folder, name, "go2rtc.before.yml")) ? "go2rtc" : "frigate";
  const settings = { environment: new Map(Object.entries(environment)) };
  const format = kind === "go2rtc" ? go2rtcDocument(settings) : frigateDocument(settings);
  const before = text(`${kind}.before.yml`);
  const after = text(`${kind}.after.yml`);
  const accepted = <Result>(act: () => Result): Result => {
    let result: { readonly value: Result } | undefined;
    expect(() => (result = { value: act() })).not.toThrow();
    if (result === undefined) throw new Error("nothing came of it");
    return result.value;
  };
  const back = new Map(Object.entries(moves).map(([from, to]) => [to, from]));

  test("becomes what was written by hand", () => {
    expect(accepted(() => format.rewrite(before, ({ address }) => parseIp(moves[address] ?? ""))).text).toBe(after);
  });

  test("goes back to the very text", () => {
    expect(accepted(() => format.rewrite(after, ({ address }) => parseIp(back.get(address) ?? ""))).text).toBe(before);
  });

  test("is not touched where nothing moved", () => {
    expect(accepted(() => format.rewrite(before, ({ address }) => address))).toEqual({ text: before, edits: [] });
  });

  test("names what is left alone, and why", () => {
    const said = format
      .read(before)
      .leftAlone.map(({ path, why, variable }) => ({ path: path.join("."), why, ...(variable === undefined ? {} : { variable }) }));
    expect(said).toEqual(leftAlone);
  });
});

test("there are at least twenty documents", () => expect(readdirSync(folder).length).toBeGreaterThanOrEqual(20));
