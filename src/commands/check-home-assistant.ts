import { REASONS } from "../domain/reasons.ts";
import { type HomeAssistantFacts, HomeAssistantRefuses } from "../ports/home-assistant-facts.ts";
import { type PowerControl, PowerError } from "../ports/power.ts";
import type { CheckItem, CheckProducer } from "./check.ts";

const NEW_TOKEN = "Make a long-lived access token on the Security page of an administrator's profile, and set home_assistant.token.";

/** The Home Assistant that is spoken to: its version, and what our token may do there. Nothing where none is. */
export function checkHomeAssistant(facts: HomeAssistantFacts | undefined): CheckProducer {
  const part = "Home Assistant";
  return {
    part,
    gather: async (signal) => (facts === undefined ? [] : [await item(part, facts, signal)]),
  };
}

async function item(part: string, facts: HomeAssistantFacts, signal: AbortSignal): Promise<CheckItem> {
  try {
    const { version, isAdministrator } = await facts.examine(signal);
    const found = `${facts.place}: version ${version}`;
    if (isAdministrator) return { part, state: "ok", found: `${found}, asked as an administrator` };
    return {
      part,
      state: "less",
      found: `${found}; the token is no administrator's: the addresses that it sees are not told`,
      nextStep: NEW_TOKEN,
    };
  } catch (error) {
    signal.throwIfAborted();
    const found = `${facts.place}: ${error instanceof Error ? error.message : "no answer"}`;
    if (error instanceof HomeAssistantRefuses) return { part, state: "act", found, nextStep: NEW_TOKEN };
    return { part, state: "absent", found, nextStep: "Start Home Assistant, or correct home_assistant.url." };
  }
}

/** The switches that cameras' power hangs on: whether each is there, and may be used. */
export function checkPower(
  cameras: readonly { readonly id: string; readonly power?: string | undefined }[],
  power: PowerControl | undefined,
): CheckProducer {
  const part = "power";
  return {
    part,
    gather: (signal) => {
      const named = cameras.flatMap(({ id, power: name }) => (name === undefined ? [] : [{ id, name }]));
      return Promise.all(named.map(({ id, name }) => powerItem(`power of ${id}`, name, power, signal)));
    },
  };
}

async function powerItem(part: string, name: string, power: PowerControl | undefined, signal: AbortSignal): Promise<CheckItem> {
  if (power === undefined)
    return { part, state: "act", found: `${name}: Home Assistant is not spoken to`, nextStep: "Set home_assistant.url and token." };
  try {
    const state = await power.state(name, signal);
    if (state === "on") return { part, state: "ok", found: `${name} is there` };
    if (state === "off") return { part, state: "less", found: `${name} is off: it is left so`, nextStep: "Switch it on." };
    const found = state === "absent" ? `there is no ${name} in Home Assistant` : `${name} is not available`;
    return { part, state: state === "absent" ? "act" : "absent", found, nextStep: REASONS.PowerRefused.nextStep };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PowerError)) throw error;
    return { part, state: "absent", found: `${name} cannot be asked: ${error.message}` };
  }
}
