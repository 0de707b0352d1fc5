import { z } from "zod";
import { now } from "./option-marks.ts";
import { secret, url } from "./scalars.ts";

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
    token: now("Long-lived access token of an administrator, made on the Security page of their profile.", secret.optional()),
  })
  .prefault({});
