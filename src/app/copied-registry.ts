import { openDatabase, openDatabaseInMemory, openDatabaseReadOnly } from "../adapters/sqlite/database.ts";
import { createRegistry } from "../adapters/sqlite/registry.ts";
import type { DeviceId } from "../domain/camera.ts";
import type { Registry } from "../ports/registry.ts";
import { confirmedFact } from "../reconcilers/confirmed-addresses.ts";
import { failedLoginFact } from "../reconcilers/logins.ts";
import { secondMacFact } from "../reconcilers/second-macs.ts";
import { unprovedFact } from "../reconcilers/unproved.ts";
import { KNOWN_FRIGATES } from "./known-frigates.ts";

/** What is stored, in memory: changes to it are lost when it is closed. @throws DatabaseError */
export function copiedRegistry(path: string): Registry {
  const stored = createRegistry(openDatabaseReadOnly(path));
  const copy = createRegistry(openDatabaseInMemory());
  const copyFact = (name: string): void => {
    const value = stored.consents.fact(name);
    if (value !== undefined) copy.consents.saveFact(name, value);
  };
  for (const record of stored.devices()) {
    copy.saveDevice(record);
    for (const fact of [failedLoginFact, secondMacFact, unprovedFact, confirmedFact]) copyFact(fact(record.id));
  }
  copyFact(KNOWN_FRIGATES);
  for (const record of stored.quarantines()) copy.saveQuarantine(record);
  for (const [place, fingerprint] of stored.certificates()) copy.saveCertificate(place, fingerprint);
  for (const record of stored.consents.holds()) copy.consents.saveHold(record);
  for (const record of stored.consents.proposals()) copy.consents.saveProposal(record);
  stored.close();
  return copy;
}

/** Stores of a copy what the guard against locked-out passwords knows of a camera: a login was tried, even if nothing else was changed. @throws DatabaseError */
export function keepFailedLogin(path: string, copy: Registry, id: DeviceId): void {
  const failed = copy.consents.fact(failedLoginFact(id));
  if (failed === undefined) return;
  const stored = createRegistry(openDatabase(path));
  stored.consents.saveFact(failedLoginFact(id), failed);
  stored.close();
}
