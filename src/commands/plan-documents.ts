import type { Device, DeviceId } from "../domain/camera.ts";
import type { IpAddress } from "../domain/addresses.ts";
import { isHostName } from "../domain/host-name.ts";
import type { Surface } from "../domain/next-step.ts";
import { maskCredentials } from "../domain/mask.ts";
import { reasonOf } from "../domain/reasons.ts";
import { DocumentError } from "../domain/document.ts";
import { type ConfigTarget, TargetError } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import { heldBack, heldWords, liftWords } from "../reconcilers/held-back.ts";
import { placed } from "../reconcilers/fleet.ts";
import { type Plan, planChanges, type PlanDocument } from "./plan.ts";

/** Reads every document for a plan. @param onText is given each text that was read; what it throws of a document's own is the plan's problem */
export async function readPlanDocuments(
  targets: readonly ConfigTarget[],
  onText: (target: ConfigTarget, read: Awaited<ReturnType<ConfigTarget["read"]>>) => void,
  signal: AbortSignal,
): Promise<readonly PlanDocument[]> {
  const documents: PlanDocument[] = [];
  for (const target of targets) {
    const { name, place, format } = target;
    try {
      const read = await target.read(signal);
      onText(target, read);
      documents.push({ name, place, format, text: read.text });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DocumentError) && !(error instanceof TargetError)) throw error;
      documents.push({ name, place, format, problem: maskCredentials(placed(target, error)), nextStep: reasonOf(error.reason).nextStep });
    }
  }
  return documents;
}

/** Where each device was proved last, in this or an earlier run of the program. */
export function provedAddresses(devices: readonly Device[], registry: Pick<Registry, "device">): ReadonlyMap<DeviceId, IpAddress> {
  return new Map(
    devices.flatMap(({ id }) => {
      const address = registry.device(id)?.address;
      return address === undefined ? [] : [[id, address] as const];
    }),
  );
}

/** Names that a person put back in place of an address. */
export function keptNames({ consents }: Pick<Registry, "consents">): ReadonlySet<string> {
  return new Set(consents.holds().flatMap(({ address }) => (isHostName(address) ? [address.toLowerCase()] : [])));
}

/** Addresses that cameras are not healed to: why nothing is written of them. */
export function heldWarnings(devices: readonly Device[], { consents }: Pick<Registry, "consents">, surface: Surface): readonly string[] {
  const holds = consents.holds();
  return devices.flatMap(({ id, title }) => {
    const words = heldWords(heldBack(id, holds));
    return words === undefined ? [] : [`${title} is ${words}; ${liftWords(id, surface)}`];
  });
}

/** What a running program would write now, credentials masked. */
export async function planNow(
  targets: readonly ConfigTarget[],
  devices: readonly Device[],
  registry: Pick<Registry, "device" | "consents">,
  signal: AbortSignal,
): Promise<Omit<Plan, "exitCode" | "masked">> {
  const documents = await readPlanDocuments(targets, () => undefined, signal);
  const desired = provedAddresses(devices, registry);
  const {
    exitCode: _code,
    masked: _masked,
    ...plan
  } = planChanges({
    documents,
    devices,
    desired,
    keptNames: keptNames(registry),
    reveal: false,
    warnings: heldWarnings(devices, registry, "page"),
  });
  return plan;
}
