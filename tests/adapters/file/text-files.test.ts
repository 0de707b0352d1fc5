import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { textFileTargets } from "../../../src/adapters/file/text-files.ts";
import type { OwnerName } from "../../../src/domain/camera.ts";
import { at } from "../../reconcilers/fake-home.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const signal = new AbortController().signal;
const known = (follows: readonly OwnerName[]) => ({
  followed: new Map(follows.map((owner) => [owner, new Set([at(20)])])),
  others: new Set<never>(),
});

it.each([
  ["UTF-8", (text: string) => Buffer.from(text, "utf8")],
  ["UTF-16 with its mark, as a .reg export", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le")],
])("a file in %s stays so, byte for byte outside the host", async (_title, bytesOf) => {
  const path = join(temporaryFolder(), "camera.reg");
  const text = 'Windows Registry Editor Version 5.00\r\n"ip"="192.168.1.20"\r\n"name"="Tür 😀"\r\n';
  await writeFile(path, bytesOf(text));
  const [target] = textFileTargets([{ path, camera: "front" }], [], known, {});
  const read = await target?.read(signal);
  const { text: after = "", edits } = target?.format.rewrite(read?.text ?? "", () => at(200)) ?? {};
  expect(edits).toMatchObject([{ path: ["line 2"], from: at(20), to: at(200) }]);
  expect(await target?.write(after, read?.revision ?? ("" as never), signal)).toMatchObject({ kind: "written" });
  expect(await readFile(path)).toEqual(bytesOf(text.replace("192.168.1.20", "192.168.1.200")));
});

it("bytes that are neither are refused, with what to do", async () => {
  const path = join(temporaryFolder(), "x.conf");
  const [target] = textFileTargets([{ path, camera: "front" }], [], known, {});
  for (const bytes of [Buffer.from([0xff, 0xfe, 0x00]), Buffer.from([0xff, 0xfe, 0x00, 0xd8]), Buffer.from([0xe9, 0x0a])]) {
    await writeFile(path, bytes);
    await expect(target?.read(signal)).rejects.toThrow(`${path} is not UTF-8 text; save it as UTF-8`);
  }
});

it("one target a file, whatever it follows, and a name for each", () => {
  const files = [
    { path: "/a/mediamtx.yml", camera: "front" },
    { path: "/b/mediamtx.yml", camera: "front" },
    { path: "/a/../a/mediamtx.yml", camera: "back" },
    { path: "/c/frigate", camera: "back" },
  ];
  const targets = textFileTargets(files, ["frigate"], known, {});
  expect(targets.map(({ name, place, format }) => [name, place, format.follows])).toEqual([
    ["mediamtx.yml", "/a/mediamtx.yml", ["device:front", "device:back"]],
    ["mediamtx.yml-2", "/b/mediamtx.yml", ["device:front"]],
    ["frigate-2", "/c/frigate", ["device:back"]],
  ]);
});
