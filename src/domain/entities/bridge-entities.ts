import type { DeviceId } from "../camera.ts";
import { type Condition, isForPerson } from "../condition.ts";
import type { Instant } from "../duration.ts";
import { nextStepOf, type Surface } from "../next-step.ts";
import { reasonOf } from "../reasons.ts";
import type { Entity } from "./entity.ts";

/** What is known of the program as a whole, as far as its entities show it. */
export interface BridgeFacts {
  /** True once every document was read and every camera was looked at. */
  readonly isReady: boolean;
  readonly conditions: readonly Condition[];
  /** What those who read it can ask by. */
  readonly surface: Surface;
  /** When something was last asked for, written, healed or found right for the first time. */
  readonly lastSync?: Instant;
  /** Changes that wait for a person. */
  readonly pending: readonly { readonly id: string; readonly target: string; readonly cameras: readonly DeviceId[] }[];
}

/** Home Assistant shows them as they are: it translates no states of MQTT. */
const RESULTS = ["Starting", "In sync", "Needs approval", "Problem"] as const;
/** So many troubles and changes are listed. */
const MOST_SHOWN = 10;

function troublesOf({ conditions }: BridgeFacts): readonly Condition[] {
  return conditions.filter(({ status }) => status === "problem");
}

function resultOf(facts: BridgeFacts): (typeof RESULTS)[number] {
  if (!facts.isReady) return "Starting";
  if (facts.pending.length > 0) return "Needs approval";
  return troublesOf(facts).length === 0 ? "In sync" : "Problem";
}

function layersOf({ conditions }: BridgeFacts): readonly { readonly layer: string; readonly isActive: boolean }[] {
  return conditions
    .filter(({ subject }) => subject.startsWith("layer/"))
    .map(({ subject, status }) => ({ layer: subject.slice(6), isActive: status === "ok" }));
}

/** The entities of the program itself. */
export const BRIDGE_ENTITIES: readonly Entity<BridgeFacts>[] = [
  {
    key: "running",
    platform: "binary_sensor",
    deviceClass: "running",
    category: "diagnostic",
    about: "On while the program is connected to the broker; the broker itself says when it is not.",
  },
  {
    key: "layers",
    platform: "sensor",
    name: "Discovery layers",
    category: "diagnostic",
    icon: "mdi:layers-search-outline",
    value: (facts) => layersOf(facts).filter(({ isActive }) => isActive).length,
    attributes: (facts) => {
      const names = (wanted: boolean): readonly string[] =>
        layersOf(facts).flatMap(({ layer, isActive }) => (isActive === wanted ? [layer] : []));
      return { active: names(true), unavailable: names(false) };
    },
    about: "How many ways of noticing are active. Attributes: `active`, `unavailable`.",
  },
  {
    key: "last_sync",
    platform: "sensor",
    deviceClass: "timestamp",
    name: "Last sync",
    category: "diagnostic",
    value: ({ lastSync }) => (lastSync === undefined ? null : new Date(lastSync).toISOString()),
    about:
      "When everything was first found right, a sync was last asked for, or one last changed something. The program looks all the time; that alone does not count.",
  },
  {
    key: "sync_result",
    platform: "sensor",
    deviceClass: "enum",
    name: "Sync result",
    category: "diagnostic",
    icon: "mdi:sync",
    options: RESULTS,
    value: resultOf,
    attributes: (facts) => ({
      problems: facts.conditions
        .filter(isForPerson)
        .slice(0, MOST_SHOWN)
        .map(({ subject, reason, message, ask }) => ({
          subject,
          reason,
          title: reasonOf(reason).title,
          message,
          next_step: nextStepOf(reason, facts.surface, ask),
        })),
    }),
    about: "`Starting`, `In sync`, `Needs approval`, `Problem`. Attribute: `problems`, at most ten.",
  },
  {
    key: "pending",
    platform: "sensor",
    name: "Pending changes",
    icon: "mdi:file-document-edit-outline",
    value: ({ pending }) => pending.length,
    attributes: ({ pending }) => ({ changes: pending.slice(0, MOST_SHOWN).map(({ id, target, cameras }) => ({ id, target, cameras })) }),
    about: "How many changes wait for a person. Attribute: `changes` with their `id`, `target`, `cameras`.",
  },
  {
    key: "approve",
    platform: "button",
    name: "Approve change",
    icon: "mdi:check",
    category: "config",
    command: "approve",
    about: "Writes the change that waits. With several, none is written: approve one by its id.",
  },
  {
    key: "undo",
    platform: "button",
    name: "Undo last change",
    icon: "mdi:undo",
    category: "config",
    command: "undo",
    about: "Puts the document that was changed last back to what it was.",
  },
  {
    key: "resync",
    platform: "button",
    name: "Resync",
    icon: "mdi:sync",
    command: "resync",
    about: "Looks at every camera and every document again.",
  },
];
