import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { isLocallyAdministered, type MacAddress, parseMac } from "../../domain/addresses.ts";
import type { Machine } from "../../domain/machine.ts";

/** The id is confidential (machine-id(5)), so only a digest of it with our own name is kept. */
export function readMachine(path = "/etc/machine-id"): Machine {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ mac, internal }) => (internal ? [] : (parseMac(mac) ?? [])));
  const macs = [...new Set<MacAddress>(found)].filter((mac) => !isLocallyAdministered(mac)).toSorted();
  try {
    const id = readFileSync(path, "utf8").trim();
    return id === "" ? { macs } : { id: createHash("sha256").update(`camera-shepherd ${id}`).digest("hex").slice(0, 32), macs };
  } catch {
    return { macs };
  }
}
