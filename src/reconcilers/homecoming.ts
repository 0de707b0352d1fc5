import type { MacAddress } from "../domain/addresses.ts";
import { isOtherMachine, type Machine } from "../domain/machine.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";

/**
 * A memory that was restored on other hardware is not believed where it tells of addresses: the documents say where the cameras are until each is proved again.
 * What cameras are told by stays, and so do holds. Begun changes are of another time, and this copy is another installation than the one it was copied from.
 * @param newId a fresh name of this installation
 * @returns true where the memory comes from elsewhere
 */
export function settleMachine(registry: Registry, machine: Machine, status: Status, newId: () => string): boolean {
  const { consents } = registry;
  const before = machineIn(consents.fact("machine"));
  const isElsewhere = before !== undefined && isOtherMachine(before, machine);
  if (isElsewhere) {
    for (const record of registry.devices()) {
      const { address, verifiedAt: _verified, ...rest } = record;
      const history = address === undefined ? record.history : [address, ...record.history.filter((one) => one !== address)];
      registry.saveDevice({ ...rest, history, switches: [] });
    }
    for (const change of registry.openChanges()) registry.settleChange(change.id, "abandoned");
    status.set(
      "memory",
      "unknown",
      "RestoredElsewhere",
      "the database comes from another machine: every camera is proved again before anything is changed",
    );
  }
  if (isElsewhere || consents.fact("installation") === undefined) consents.saveFact("installation", newId());
  // An interface that is not there today is still this machine's.
  const macs = isElsewhere ? machine.macs : [...new Set([...machine.macs, ...(before?.macs ?? [])])].slice(0, MOST_MACS);
  const id = machine.id ?? (isElsewhere ? undefined : before?.id);
  const text = JSON.stringify({ ...(id === undefined ? {} : { id }), macs });
  if (text !== consents.fact("machine")) consents.saveFact("machine", text);
  return isElsewhere;
}

const MOST_MACS = 32;

function machineIn(text: string | undefined): Machine | undefined {
  if (text === undefined) return undefined;
  const { id, macs } = JSON.parse(text) as { readonly id?: string; readonly macs: readonly MacAddress[] };
  return { ...(id === undefined ? {} : { id }), macs };
}
