import { onTestFinished } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { HomeAssistantLink } from "../../../src/adapters/home-assistant/link.ts";
import { Secret } from "../../../src/config/secret.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { FakeHomeAssistant } from "../../fakes/fake-home-assistant/fake-home-assistant.ts";
import { eventually } from "../../world/waiting.ts";

/** A Home Assistant that answers, and our one connection to it; both end with the test. */
export async function homeAssistant(
  clock: Clock = createSystemClock(),
): Promise<{ readonly core: FakeHomeAssistant; readonly link: HomeAssistantLink }> {
  const core = await new FakeHomeAssistant().start();
  const link = linkTo(core.url, core.token, clock);
  onTestFinished(() => core.stop());
  return { core, link };
}

export function linkTo(url: string, token: string, clock: Clock = createSystemClock()): HomeAssistantLink {
  const link = new HomeAssistantLink({ url, token: new Secret(token) }, clock);
  onTestFinished(() => link.close());
  return link;
}

/** Waits for what real sockets bring about. @throws after two seconds */
export async function until(isSo: () => boolean): Promise<void> {
  await eventually(String(isSo), isSo, 2_000, 5);
}
