import type { IpAddress, MacAddress } from "../addresses.ts";
import { isBesideVideo } from "../beside-video.ts";
import type { DeviceId } from "../camera.ts";
import type { Condition } from "../condition.ts";
import type { Duration, Instant } from "../duration.ts";
import { nextStepOf, type Surface } from "../next-step.ts";
import { reasonOf, type ReasonCode } from "../reasons.ts";
import type { Entity } from "./entity.ts";
import { EVENT_TYPES } from "./home-event.ts";

/** What is known of a camera, as far as its entities show it. */
export interface CameraFacts {
  readonly id: DeviceId;
  readonly title: string;
  readonly macs: readonly MacAddress[];
  /** Where it is taken to be. */
  readonly address?: IpAddress;
  /** It was proved there since the program started, and not lost since. */
  readonly proved: boolean;
  /** Earlier addresses, the latest first. */
  readonly history: readonly IpAddress[];
  /** When it was last switched to another address. */
  readonly lastMove?: Instant;
  /** How far its clock is ahead of ours. */
  readonly clockOffset?: Duration;
  /** Frames a second. */
  readonly fps?: number;
  /** Of its liveliest stream, kbit/s. */
  readonly bitRate?: number;
  /** Of the camera and of its streams. */
  readonly conditions: readonly Condition[];
  /** What those who read it can ask by. */
  readonly surface: Surface;
}

/** Reasons for which a camera or a stream of it may be in trouble. Another one is shown as `Other`. */
const CAUSES = [
  "StreamDead",
  "CameraUnreachable",
  "Searching",
  "NotLearnedYet",
  "AdoptionProposed",
  "AdoptionUnclear",
  "AddressUnproved",
  "LoginRefused",
  "LoginBackoff",
  "BasicRefused",
  "StreamPathMissing",
  "PortClosed",
  "OtherMac",
  "MacVoid",
  "NoMacHere",
  "IdentityDiffers",
  "IdentityShared",
  "IdentityMissing",
  "AddressContested",
  "FlipFlop",
  "Quarantined",
  "ExposedNotQuarantined",
  "RolledBack",
  "NotRolledBack",
  "Undone",
  "VerificationTimedOut",
] as const satisfies readonly ReasonCode[];
/** The word `None` would be "unknown" to Home Assistant (core, components/mqtt/sensor.py). */
const OPTIONS = ["Healthy", ...CAUSES, "Other"] as const;

/** What hinders the camera's video: of several troubles its own before those of its streams. A clock that is wrong hinders none, and has a sensor. */
function troubleOf({ conditions }: CameraFacts): Condition | undefined {
  const troubles = conditions.filter(({ status, subject }) => status === "problem" && !isBesideVideo(subject));
  return troubles.find(({ subject }) => subject.startsWith("device/")) ?? troubles[0];
}

function causeOf(facts: CameraFacts): (typeof OPTIONS)[number] {
  const reason = troubleOf(facts)?.reason;
  if (reason === undefined) return "Healthy";
  return CAUSES.find((cause) => cause === reason) ?? "Other";
}

function troubleAttributes(facts: CameraFacts): Readonly<Record<string, unknown>> {
  const trouble = troubleOf(facts);
  if (trouble === undefined) return { cause: "Healthy" };
  const { title } = reasonOf(trouble.reason);
  const nextStep = nextStepOf(trouble.reason, facts.surface, trouble.ask);
  return { cause: causeOf(facts), title, message: trouble.message, next_step: nextStep, since: new Date(trouble.since).toISOString() };
}

const FPS_UNKNOWN =
  "Frigate is asked only of cameras that it reads without go2rtc, and tells nothing while it starts. Of the others the bit rate shows whether video flows.";
const BIT_RATE_UNKNOWN = "Nobody watches the camera through go2rtc just now, or its go2rtc does not answer.";

/** The entities of each camera: the one table that announcements, states and documentation follow from. */
export const CAMERA_ENTITIES: readonly Entity<CameraFacts>[] = [
  {
    key: "connectivity",
    platform: "binary_sensor",
    deviceClass: "connectivity",
    category: "diagnostic",
    value: ({ proved, conditions }) => (conditions.some(({ reason }) => reason === "BatteryCamera") ? null : proved),
    about: "On while the camera is where it was proved to be. Unknown for a battery camera that sleeps.",
  },
  {
    key: "stream_problem",
    platform: "binary_sensor",
    deviceClass: "problem",
    name: "Stream problem",
    category: "diagnostic",
    value: (facts) => troubleOf(facts) !== undefined,
    attributes: troubleAttributes,
    about: "On while the camera or one of its streams is in trouble. Attributes: `cause`, `title`, `message`, `next_step`, `since`.",
  },
  {
    key: "cause",
    platform: "sensor",
    deviceClass: "enum",
    name: "Stream problem cause",
    category: "diagnostic",
    icon: "mdi:help-network-outline",
    options: OPTIONS,
    value: causeOf,
    about: "The reason's code, `Healthy` while all is well.",
  },
  {
    key: "address",
    platform: "sensor",
    name: "IP address",
    category: "diagnostic",
    icon: "mdi:ip-network-outline",
    value: ({ address }) => address ?? null,
    attributes: ({ history }) => ({ former: history }),
    about: "Where the camera is taken to be. Attribute: `former`, earlier addresses, the latest first.",
  },
  {
    key: "mac",
    platform: "sensor",
    name: "MAC address",
    category: "diagnostic",
    icon: "mdi:identifier",
    value: ({ macs }) => macs[0] ?? null,
    attributes: ({ macs }) => ({ all: macs }),
    about: "What the camera is known by. Attribute: `all`.",
  },
  {
    key: "last_move",
    platform: "sensor",
    deviceClass: "timestamp",
    name: "Last move",
    category: "diagnostic",
    value: ({ lastMove }) => (lastMove === undefined ? null : new Date(lastMove).toISOString()),
    about: "When it was last found at another address. Unknown until it moves once.",
  },
  {
    key: "clock_drift",
    platform: "sensor",
    deviceClass: "duration",
    unit: "s",
    stateClass: "measurement",
    precision: 0,
    name: "Clock drift",
    category: "diagnostic",
    value: ({ clockOffset }) => (clockOffset === undefined ? null : Math.round(clockOffset / 1000)),
    about: "How far its clock is ahead of this machine's; below zero where it is behind. Asked once an hour, of cameras with ONVIF.",
  },
  {
    key: "fps",
    platform: "sensor",
    part: "frame-counts",
    unit: "fps",
    stateClass: "measurement",
    precision: 0,
    name: "Frame rate",
    category: "diagnostic",
    icon: "mdi:filmstrip",
    enabled: false,
    value: ({ fps }) => fps ?? null,
    attributes: ({ fps }) => (fps === undefined ? { why_unknown: FPS_UNKNOWN } : {}),
    about: "Frames a second as Frigate counts them, of cameras that it reads without go2rtc. Attribute: `why_unknown`.",
  },
  {
    key: "bit_rate",
    platform: "sensor",
    deviceClass: "data_rate",
    unit: "kbit/s",
    stateClass: "measurement",
    precision: 0,
    name: "Bit rate",
    category: "diagnostic",
    enabled: false,
    value: ({ bitRate }) => bitRate ?? null,
    attributes: ({ bitRate }) => (bitRate === undefined ? { why_unknown: BIT_RATE_UNKNOWN } : {}),
    about: "Of the camera's liveliest stream, as go2rtc counts it. Unknown while nobody watches. Attribute: `why_unknown`.",
  },
  {
    key: "reconnect",
    platform: "button",
    name: "Reconnect",
    icon: "mdi:connection",
    command: "reconnect",
    // Who presses it sees something that no count of packets shows: it is done, whoever watches.
    payload: '{"force": true}',
    about: "Gives the camera's streams a new connection, whoever watches: viewers find it once they open the stream anew.",
  },
  {
    key: "find",
    platform: "button",
    name: "Find now",
    icon: "mdi:radar",
    command: "resync",
    about: "Looks for the camera now.",
  },
  {
    key: "picture",
    platform: "image",
    part: "pictures",
    name: "Last good picture",
    topic: "picture",
    about:
      "Taken when the camera is first seen live, when it has healed or its stream is back, and every 15 minutes while somebody watches it.",
  },
  {
    key: "event",
    platform: "event",
    name: "Event",
    icon: "mdi:cctv",
    types: EVENT_TYPES,
    about: "`moved`, `healed`, `stream_lost`, `stream_back`, `impostor`. Each is a device trigger too.",
  },
];
