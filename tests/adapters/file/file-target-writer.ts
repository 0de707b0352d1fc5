import { FileTarget } from "../../../src/adapters/file/file-target.ts";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";

// Run by the test beside it: writes two texts in turn until it is killed.
const [path = "", first = "", second = "", journal] = process.argv.slice(2);
const format = frigateDocument({ environment: new Map() });
const target = new FileTarget({ name: "frigate" as TargetName, path, format, ...(journal === undefined ? {} : { journal }) });
const { signal } = new AbortController();
for (let count = 0; ; count += 1) {
  const { text, revision } = await target.read(signal);
  await target.write(text === first.repeat(5000) ? second.repeat(4000) : first.repeat(5000), revision, signal);
  if (count === 0) process.stdout.write("writing\n");
}
