import { REASONS } from "../domain/reasons.ts";
import type { ExaminedFrigate, FrigateFacts } from "../ports/frigate-facts.ts";
import { FrigateError } from "../ports/running-frigate.ts";
import type { CheckItem, CheckProducer } from "./check.ts";

/**
 * How each document is reached and why so, and every Frigate that is spoken to over HTTP: whether it answers and lets us in, its version, the role of our
 * user, whether it runs in safe mode, and whether it gives its schema.
 */
export function checkFrigates(frigates: readonly ExaminedFrigate[], ways: ReadonlyMap<string, string>): CheckProducer {
  return {
    part: "Frigate",
    gather: async (signal) => {
      const reached = [...ways].map(([name, words]): CheckItem => ({ part: `document ${name}`, state: "info", found: `reached ${words}` }));
      const asked = await Promise.all(frigates.map((frigate) => frigateItem(frigate, signal)));
      return [...reached, ...asked];
    },
  };
}

async function frigateItem(frigate: ExaminedFrigate, signal: AbortSignal): Promise<CheckItem> {
  const part = `Frigate ${frigate.name}`;
  try {
    return { part, ...verdict(frigate.place, await frigate.examine(signal)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FrigateError)) throw error;
    const { severity, nextStep } = REASONS[error.reason];
    return { part, state: severity === "error" ? "act" : "absent", found: error.message, nextStep };
  }
}

function verdict(place: string, { version, role, safeMode, schema }: FrigateFacts): Omit<CheckItem, "part"> {
  const mayWrite = role === undefined || role === "admin";
  const user = role === undefined ? "every user may write" : `role ${role}${mayWrite ? "" : ", which may not write"}`;
  const found = `${place}: version ${version}, ${user}${schema ? ", gives its schema" : ""}`;
  if (safeMode)
    return { state: "act", found: `${found}; in safe mode: ${REASONS.FrigateSafeMode.title}`, nextStep: REASONS.FrigateSafeMode.nextStep };
  if (!mayWrite) return { state: "act", found, nextStep: REASONS.FrigateForbids.nextStep };
  if (!schema) return { state: "less", found: `${found}; it gives no schema: a change is checked only when Frigate saves it` };
  return { state: "ok", found };
}
