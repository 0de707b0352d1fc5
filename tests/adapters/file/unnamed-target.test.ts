import { expect, test } from "vitest";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import { UnnamedTarget } from "../../../src/adapters/file/unnamed-target.ts";
import { nextStepOf } from "../../../src/domain/next-step.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";

test("a document that nobody named cannot be read, written or checked, and says what came of looking; the remedy is its reason's", async () => {
  const found = "there are several: /one.yml, /two.yml";
  const target = new UnnamedTarget({ name: "frigate" as TargetName, found, format: frigateDocument({ environment: new Map() }) });
  const error = {
    name: "TargetError",
    reason: "DocumentUnnamed",
    message: found,
  };
  for (const use of [target.read(), target.write(), target.checkWritable()]) await expect(use).rejects.toMatchObject(error);
  expect(nextStepOf("DocumentUnnamed", "commands")).toContain("frigate.file");
});
