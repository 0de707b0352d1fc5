import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { configTargetContract } from "../contract/config-target.ts";
import { FakeConfigTarget } from "./fake-config-target.ts";

configTargetContract("the fake", async (text) => {
  const target = new FakeConfigTarget({ name: "frigate", format: frigateDocument({ environment: new Map() }), text });
  return {
    target,
    bytes: async () => target.bytes ?? new Uint8Array(),
    edit: async (bytes) => void (target.bytes = bytes),
    remove: async () => void (target.bytes = undefined),
  };
});
