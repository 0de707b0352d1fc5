import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../src/adapters/sqlite/database.ts";
import { createRegistry } from "../../src/adapters/sqlite/registry.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { consentsContract } from "./consents.ts";
import { registryContract, type RegistrySubject } from "./registry.ts";

const fake = (): RegistrySubject => {
  const registry = new FakeRegistry();
  return { open: () => registry, remove: () => {} };
};
const sqlite = (): RegistrySubject => {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  return {
    open: () => createRegistry(openDatabase(join(folder, "memory.db"))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

registryContract("the fake", fake);
consentsContract("the fake", fake);
registryContract("sqlite", sqlite);
consentsContract("sqlite", sqlite);
