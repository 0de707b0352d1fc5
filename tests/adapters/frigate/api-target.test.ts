import { describe, expect, test } from "vitest";
import { FrigateApiTarget } from "../../../src/adapters/frigate/api-target.ts";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import type { ConfigTarget, TargetName } from "../../../src/ports/config-target.ts";
import { configTargetContract } from "../../contract/config-target.ts";
import type { FakeFrigate } from "../../fakes/fake-frigate/fake-frigate.ts";
import { FRIGATE_VERSIONS } from "../../fakes/fake-frigate/versions.ts";
import { clientAt, frigates, loginAs, never, VALID } from "./frigates.ts";

const start = frigates();
const HEALED = VALID.replaceAll("192.168.1.20", "192.168.1.60");
const THEIRS = `${VALID}# a person's line\n`;

function targetOf(frigate: FakeFrigate, user = "admin", secure = false): ConfigTarget {
  const client = secure ? clientAt(frigate.secureUrl, { credentials: loginAs(user) }) : clientAt(frigate.url);
  return new FrigateApiTarget({ name: "frigate" as TargetName, client, format: frigateDocument({ environment: new Map() }) });
}

describe.each(FRIGATE_VERSIONS)("%s", (version) => {
  configTargetContract(
    `Frigate ${version}`,
    async (text) => {
      const frigate = await start({ version, text, schema: {} });
      return {
        target: targetOf(frigate, "admin", version !== "0.14.1"),
        bytes: () => Promise.resolve(frigate.bytes ?? Buffer.alloc(0)),
        edit: (bytes) => Promise.resolve(void (frigate.bytes = Buffer.from(bytes))),
        remove: () => Promise.resolve(void (frigate.bytes = undefined)),
      };
    },
    { lineEnd: "\n", empty: false },
  );
});

test("a document that is not there: something else than Frigate may answer, and that is said", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID });
  frigate.bytes = undefined;
  await expect(targetOf(frigate).read(never())).rejects.toMatchObject({ message: expect.stringContaining("correct url under frigate") });
});

describe("a person saves in Frigate's editor", () => {
  test("while Frigate validates our text: their text is put back, and ours waits for the next look", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const target = targetOf(frigate);
    const { revision } = await target.read(never());
    frigate.validating = 700;
    frigate.whileSaving = () => {
      frigate.whileSaving = () => undefined;
      setTimeout(() => frigate.edit(THEIRS), 150);
    };
    const outcome = await target.write(HEALED, revision, never());
    expect(outcome).toEqual({ kind: "stale", current: await target.read(never()) });
    expect(frigate.text).toBe(THEIRS);
    expect(frigate.calls.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([HEALED, THEIRS]);
    frigate.validating = 0;
    if (outcome.kind !== "stale") throw new Error("written");
    expect((await target.write(`${HEALED}# a person's line\n`, outcome.current.revision, never())).kind).toBe("written");
    expect(frigate.text).toBe(`${HEALED}# a person's line\n`);
  });

  test("over ours at once: theirs stays, and is never written over until they save again", async () => {
    const frigate = await start({ version: "0.16.4", text: VALID });
    const target = targetOf(frigate);
    const { revision } = await target.read(never());
    frigate.afterWriting = () => frigate.edit(THEIRS);
    await expect(target.write(HEALED, revision, never())).rejects.toMatchObject({ reason: "EditedWhileSaving" });
    frigate.afterWriting = () => undefined;
    const theirs = await target.read(never());
    const saves = () => frigate.calls.filter(({ method }) => method === "POST").length;
    const before = saves();
    await expect(target.write(HEALED, theirs.revision, never())).rejects.toMatchObject({ reason: "EditedWhileSaving" });
    expect(frigate.text).toBe(THEIRS);
    expect(saves()).toBe(before);
    frigate.edit(`${THEIRS}# once more\n`);
    const again = await target.read(never());
    expect((await target.write(HEALED, again.revision, never())).kind).toBe("written");
  });

  test("while our text is being checked: nothing is sent", async () => {
    const frigate = await start({ version: "0.18.0", text: VALID });
    const target = targetOf(frigate);
    const { revision } = await target.read(never());
    frigate.onCall = (url) => {
      if (url.includes("schema")) frigate.edit(THEIRS);
    };
    expect(await target.write(HEALED, revision, never())).toEqual({ kind: "stale", current: await target.read(never()) });
    expect(frigate.text).toBe(THEIRS);
    expect(frigate.calls.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("between our reading and the save: nothing is sent", async () => {
    const frigate = await start({ version: "0.18.0", text: VALID });
    const target = targetOf(frigate);
    const { revision } = await target.read(never());
    frigate.edit(THEIRS);
    expect((await target.write(HEALED, revision, never())).kind).toBe("stale");
    expect(frigate.calls.filter(({ method }) => method === "POST")).toEqual([]);
  });
});

describe("Frigate's own checks", () => {
  test("a change that would add an error of its schema is not sent", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const target = targetOf(frigate);
    const { revision } = await target.read(never());
    for (let count = 0; count < 3; count += 1) {
      await expect(target.write(`${VALID}nonsense: 1\n`, revision, never())).rejects.toMatchObject({
        reason: "RewriteNotProved",
        message: expect.stringContaining("must NOT have additional properties") as string,
      });
    }
    expect(frigate.calls.filter(({ url }) => url.includes("schema"))).toHaveLength(1);
    expect(frigate.calls.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("an error that the text had before does not hinder by the schema; Frigate's refusal is shown once, by its line", async () => {
    const old = `${VALID}nonsense: 1\n`;
    const frigate = await start({ version: "0.17.2", text: old });
    const target = targetOf(frigate);
    const { revision } = await target.read(never());
    for (let count = 0; count < 3; count += 1) {
      await expect(target.write(old.replaceAll("192.168.1.20", "192.168.1.60"), revision, never())).rejects.toMatchObject({
        reason: "FrigateRefused",
        message: expect.stringMatching(/Line \d+: nonsense/) as string,
      });
    }
    expect(frigate.calls.filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(frigate.text).toBe(old);
  });
});

describe("who may not write", () => {
  test.each(["0.16.4", "0.17.2", "0.18.0"] as const)("a viewer of %s is told so by the check", async (version) => {
    const frigate = await start({ version, text: VALID });
    await expect(targetOf(frigate, "viewer", true).checkWritable(never())).rejects.toMatchObject({
      reason: "FrigateForbids",
      message: expect.stringContaining("role admin") as string,
    });
  });

  test("before 0.16 everybody may", async () => {
    const frigate = await start({ version: "0.15.2", text: VALID });
    await targetOf(frigate, "viewer", true).checkWritable(never());
    expect(frigate.text).toBe(VALID);
  });
});

test("a document that Frigate is just writing for somebody else is read when it is filled", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID });
  frigate.filling = 120;
  const saving = clientAt(frigate.url).save(THEIRS);
  await new Promise<void>((resolve) => (frigate.whileEmpty = resolve));
  expect((await targetOf(frigate).read(never())).text).toBe(THEIRS);
  await saving;
});

test("CR LF, which Frigate's API does not show, are read and saved as LF", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID.replaceAll("\n", "\r\n") });
  const target = targetOf(frigate);
  const { text, revision } = await target.read(never());
  expect(text).toBe(VALID);
  expect((await target.write(HEALED, revision, never())).kind).toBe("written");
  expect(frigate.text).toBe(HEALED);
});

test("a call that breaks off after the save was done counts as done", async () => {
  const frigate = await start({ version: "0.17.2", text: VALID });
  const target = targetOf(frigate);
  const { revision } = await target.read(never());
  frigate.afterWriting = () => frigate.breakOff();
  expect((await target.write(HEALED, revision, never())).kind).toBe("written");
  expect(frigate.text).toBe(HEALED);
});
