import { type HomeAssistantFacts, HomeAssistantRefuses } from "../ports/home-assistant-facts.ts";
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
