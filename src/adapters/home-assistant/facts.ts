import { z } from "zod";
import { type HomeAssistantFacts, type HomeAssistantReading, HomeAssistantRefuses } from "../../ports/home-assistant-facts.ts";
import { HomeAssistantError } from "./failure.ts";
import type { HomeAssistantLink } from "./link.ts";

const User = z.object({ is_admin: z.boolean().catch(false) });

/** Which version it is, and whose token ours is (`auth/current_user`). */
export class HomeAssistantExamination implements HomeAssistantFacts {
  readonly #link: HomeAssistantLink;

  constructor(link: HomeAssistantLink) {
    this.#link = link;
  }

  get place(): string {
    return this.#link.place;
  }

  async examine(signal: AbortSignal): Promise<HomeAssistantReading> {
    try {
      const session = await this.#link.session(signal);
      const user = User.safeParse(await session.call({ type: "auth/current_user" }, signal));
      return { version: session.version, isAdministrator: user.data?.is_admin === true };
    } catch (error) {
      if (error instanceof HomeAssistantError && error.kind === "login") throw new HomeAssistantRefuses(error.message, { cause: error });
      throw error;
    }
  }
}
