import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/sqlite/database.ts";
import { createRegistry } from "../../src/adapters/sqlite/registry.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { registryContract } from "./registry.ts";

registryContract("the fake", () => {
  const registry = new FakeRegistry();
  return { open: () => registry, remove: () => {} };
});

registryContract("sqlite", () => {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  return {
    open: () => createRegistry(openDatabase(join(folder, "memory.db"))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
});
