import { z } from "zod";
import { DEFAULT_BASE } from "../domain/mqtt-topics.ts";
import { now } from "./option-marks.ts";
import { flag, listOf, secret, text, url } from "./scalars.ts";

/** Levels of a topic without wildcards, and without the `$` that is the broker's own. */
const topic = text.refine((value) => /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/.test(value) && value.length <= 100, {
  error: "must be letters, digits, hyphen and underscore, in levels divided by / (at most 100 signs)",
});

/** The group `mqtt`. */
export const MqttOptions = z
  .strictObject({
    url: now(
      "Address of the broker, such as `mqtt://192.168.1.10:1883`; `none` switches MQTT off.",
      z
        .union([z.literal("none"), url("mqtt", "mqtts", "ws", "wss")], {
          error:
            "must be an address such as mqtt://192.168.1.10:1883 (or mqtts://, ws://, wss://), or none; user name and password have keys of their own",
        })
        .optional(),
    ),
    username: now("User of the broker.", text.optional()),
    password: now("Password of the broker.", secret.optional()),
    ca: now(
      "File with the certificate, as PEM, of the authority that signed the broker's, where that is one of your own.",
      text.optional(),
    ),
    base: now("First part of every topic. Each copy of the program at a broker needs one of its own.", topic.prefault(DEFAULT_BASE)),
    discovery_prefix: now("Home Assistant's discovery prefix.", topic.prefault("homeassistant")),
    images: now(
      "Show the last good picture of each camera: taken when it is first seen live, after each heal, and every 15 minutes while somebody watches it.",
      flag.prefault(true),
    ),
    follow: now(
      "The `mqtt.base` of other copies of the program: where they see a camera of ours, it is looked for, too, and one of which nothing was learned here is known by what they learned.",
      listOf(topic).prefault([]),
    ),
  })
  .prefault({});
