import { expect, test } from "vitest";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import { UnnamedTarget } from "../../../src/adapters/file/unnamed-target.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";

test("a document that nobody named cannot be read, written or checked, and says how to name it", async () => {
  const found = "there are several: /one.yml, /two.yml";
  const target = new UnnamedTarget({ name: "frigate" as TargetName, found, format: frigateDocument({ environment: new Map() }) });
  const error = {
    name: "TargetError",
    reason: "DocumentUnnamed",
    message: `${found}; name it under frigate.file, or give Frigate's address under frigate.url`,
  };
  for (const use of [target.read(), target.write(), target.checkWritable()]) await expect(use).rejects.toMatchObject(error);
});
