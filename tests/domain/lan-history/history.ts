import fc from "fast-check";

/** What may happen to a LAN. `device` and `other` are taken modulo the number of cameras, `spot` names one of a few addresses. */
export const EVENTS = [
  "dhcp-move",
  "silent-move",
  "swap",
  "dhcp-never-used",
  "impostor",
  "mac-clone",
  "stranger-takes-old",
  "duplicate",
  "down",
  "up",
  "proxy-on",
  "proxy-off",
  "second-interface",
  "stale-sighting",
  "forged-sighting",
  "frozen",
  "password-changed",
  "port-closed",
  "slow",
] as const;

export type EventKind = (typeof EVENTS)[number];

export interface LanEvent {
  readonly kind: EventKind;
  readonly device: number;
  readonly spot: number;
  /** Before it happens, ms. */
  readonly wait: number;
  /** Between a DHCP request and the address in use, ms. */
  readonly lag: number;
  readonly flag: boolean;
}

export interface CameraPlan {
  readonly endpoint: "none" | "own" | "silent";
  readonly realm: "maker" | "serial";
  readonly mac: "made" | "made-up";
  readonly interfaces: 1 | 2;
  readonly routed: boolean;
}

export interface History {
  readonly seed: number;
  readonly cameras: readonly CameraPlan[];
  /** The first two cameras share their MAC. */
  readonly sharedMac: boolean;
  readonly lyingTable: boolean;
  readonly events: readonly LanEvent[];
}

const camera: fc.Arbitrary<CameraPlan> = fc.record({
  endpoint: fc.constantFrom("none", "own", "own", "silent"),
  realm: fc.constantFrom("maker", "maker", "serial"),
  mac: fc.constantFrom("made", "made", "made", "made-up"),
  interfaces: fc.constantFrom(1, 1, 1, 2),
  routed: fc.constantFrom(false, false, false, false, true),
});

const event: fc.Arbitrary<LanEvent> = fc.record({
  kind: fc.constantFrom(...EVENTS, "dhcp-move", "swap", "silent-move"),
  device: fc.nat(2),
  spot: fc.nat(7),
  wait: fc.oneof(fc.nat(900), fc.nat(12_000), fc.nat(60_000)),
  lag: fc.oneof(fc.nat(400), fc.nat(7000)),
  flag: fc.boolean(),
});

export const histories: fc.Arbitrary<History> = fc
  .record({
    seed: fc.nat(),
    cameras: fc.array(camera, { minLength: 2, maxLength: 3 }),
    sharedMac: fc.integer({ min: 0, max: 11 }).map((one) => one === 0),
    lyingTable: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
    events: fc.array(event, { minLength: 1, maxLength: 5 }),
  })
  .map((history) => (history.sharedMac ? { ...history, cameras: history.cameras.map(toldApart) } : history));

/** Cameras that share a MAC can be told apart by their endpoint references alone. */
function toldApart(plan: CameraPlan, index: number): CameraPlan {
  return index < 2 ? { ...plan, routed: false, endpoint: plan.endpoint === "none" ? "own" : plan.endpoint } : plan;
}

const twin: fc.Arbitrary<CameraPlan> = fc.record({
  endpoint: fc.constantFrom("none", "own", "silent"),
  realm: fc.constant("maker"),
  mac: fc.constant("made"),
  interfaces: fc.constant(1),
  routed: fc.constant(false),
});

/** Cameras of one model with the same password and realm that do nothing but take one another's addresses: too seldom to count as a flip-flop. */
export const twinSwaps: fc.Arbitrary<History> = fc.record({
  seed: fc.nat(),
  cameras: fc.array(twin, { minLength: 2, maxLength: 3 }),
  sharedMac: fc.constant(false),
  lyingTable: fc.boolean(),
  events: fc.array(
    event.map((one): LanEvent => ({ ...one, kind: "swap" })),
    { minLength: 1, maxLength: 3 },
  ),
});
