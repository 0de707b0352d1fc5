import { z } from "zod";
import { now } from "./option-marks.ts";
import { flag, listOf, secret, url } from "./scalars.ts";
import { incidentEvent } from "./telling-options.ts";

/** How Home Assistant is spoken to. */
export const HomeAssistant = z
  .strictObject({
    url: now(
      "Address of Home Assistant, such as `http://homeassistant.local:8123`. As an app of Home Assistant it is found by itself; `none`: it is not spoken to.",
      z
        .union([z.literal("none"), url("http", "https")], {
          error: "must be an address that begins with http:// or https://, or none",
        })
        .optional(),
    ),
    notifications: now("Whether people are told in Home Assistant, by persistent notifications.", flag.prefault(true)),
    events: now(
      "Of what they are told: `offline`, `impostor`, `approval`, `problem`, `first_write`, `moved`; empty: everything but `moved`.",
      listOf(incidentEvent).prefault([]),
    ),
    token: now("Long-lived access token of an administrator, made on the Security page of their profile.", secret.optional()),
  })
  .prefault({});
