import { z } from "zod";
import { INCIDENT_EVENTS } from "../domain/incident.ts";
import { now, oneOf } from "./option-marks.ts";
import { listOf, secret, secretUrl } from "./scalars.ts";

/** What people can be told of. */
export const incidentEvent = z.enum(INCIDENT_EVENTS);

/** Who is told of incidents outside of Home Assistant. */
export const Notify = z
  .array(
    z.strictObject({
      kind: now("How it is told: `webhook` sends JSON, `ntfy` is the address of a topic.", oneOf("webhook", "ntfy")),
      url: now("Address that is told, such as `https://ntfy.sh/TOPIC`.", secretUrl("http", "https")),
      token: now("Token that is sent along, as `Authorization: Bearer`.", secret.optional()),
      events: now(
        "What is told: `offline`, `impostor`, `approval`, `problem`, `first_write`, `moved`; empty: everything.",
        listOf(incidentEvent).prefault([]),
      ),
    }),
    { error: "must be a list" },
  )
  .max(50)
  .prefault([]);
