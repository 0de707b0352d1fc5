import { type IpAddress, ipToNumber, type MacAddress } from "./addresses.ts";
import type { DeviceId, Identity } from "./camera.ts";
import { makerOfPath, makerOfSayings } from "./maker.ts";
import { sameEndpoint } from "./realm.ts";
import type { GreetingReading } from "./readings.ts";

/** A configured camera of which nothing was ever learned. */
export interface Unlearned {
  readonly id: DeviceId;
  readonly title: string;
  readonly streamPort: number;
  readonly streamPath: string;
}

/** What a device answered on one port and path, without a password. */
export interface PathAnswer {
  readonly port: number;
  readonly path: string;
  readonly greeting: GreetingReading;
}

/** A device that answers on a network of ours. */
export interface FoundDevice {
  readonly mac: MacAddress;
  readonly address: IpAddress;
  /** The default gateway, or what answers for it. */
  readonly gateway: boolean;
  readonly endpoint?: string;
  /** What it calls itself without a password: server, hardware, name. Realms stand in `answers`. */
  readonly sayings: readonly string[];
  /** A port and path that did not answer at all is absent. */
  readonly answers: readonly PathAnswer[];
  /** What Home Assistant calls it: a person's word most often. */
  readonly called?: string;
}

/** Whatever is known to be somebody else's. */
export interface Claims {
  /** What is known of every configured camera that was learned, or whose MAC a person gave. */
  readonly identities: readonly Identity[];
  /** Addresses that belong to cameras that are not looked for: learned ones, disabled ones. */
  readonly addresses: ReadonlySet<IpAddress>;
}

/** How a device fits a camera. */
export type Fit =
  /** `sure`: its maker is that of the camera's stream path. */
  { readonly fits: true; readonly sure: boolean; readonly why: readonly string[] } | { readonly fits: false; readonly why: string };

/** A device as a person can tell it from another. */
export interface Contender {
  readonly mac: MacAddress;
  readonly address: IpAddress;
  readonly endpoint?: string;
  readonly says: readonly string[];
}

export type Adoption =
  /** Exactly this device fits the camera, and it fits no other camera as well. */
  | { readonly kind: "proposed"; readonly camera: DeviceId; readonly device: Contender; readonly evidence: readonly string[] }
  /** Several devices fit, or one that fits another camera as well. */
  | {
      readonly kind: "unclear";
      readonly camera: DeviceId;
      readonly devices: readonly Contender[];
      /** Other cameras that these devices fit. */
      readonly rivals: readonly DeviceId[];
    }
  /** A camera that is known says who it is from a device whose MAC address was not learned: a second interface of it, most likely. */
  | { readonly kind: "second"; readonly camera: DeviceId; readonly device: Contender; readonly evidence: readonly string[] }
  /** Devices where nothing can prove the camera, and nothing speaks against it: behind a router no MAC address is seen. Several, or `rivals`: a person tells. */
  | {
      readonly kind: "address";
      readonly camera: DeviceId;
      readonly devices: readonly Omit<Contender, "mac">[];
      readonly rivals: readonly DeviceId[];
    }
  /** Nothing fits; `near` says of the camera-like devices that were looked at why each does not. */
  | { readonly kind: "none"; readonly camera: DeviceId; readonly near: readonly { readonly device: Contender; readonly why: string }[] };

/** A MAC at this many addresses is a proxy's or a repeater's. */
const PROXY_ADDRESSES = 3;
/** So many devices are named to a person. */
const NAMED = 8;

/**
 * Matches cameras of which nothing was learned with devices that are nobody's. A proposal needs one device that fits one camera and no other. A fitting
 * device that is called as one camera is that one's; where makers are known on both sides they decide next; what is left is matched by port and path.
 * What two devices or two cameras share is never guessed.
 */
export function matchAdoptions(cameras: readonly Unlearned[], found: readonly FoundDevice[], claims: Claims): readonly Adoption[] {
  // Answers come in any order; a person reads the same list each time.
  const free = unclaimed(found, claims).toSorted((one, other) => ipToNumber(one.address) - ipToNumber(other.address));
  const fits = new Map(cameras.map((camera) => [camera.id, free.map((device) => ({ device, fit: fitOf(camera, device) }))] as const));
  const settled = new Map<DeviceId, Adoption>();
  const taken = new Set<MacAddress>();
  for (const camera of cameras) {
    const own = namedAs(camera, fits.get(camera.id) ?? []);
    if (own === undefined || cameras.some((other) => other !== camera && isCalled(own.device, other))) continue;
    const why = own.fit.fits ? own.fit.why : [];
    const evidence = [`Home Assistant calls it ${own.device.called ?? ""}`, ...why];
    settled.set(camera.id, { kind: "proposed", camera: camera.id, device: contender(own.device), evidence });
    taken.add(own.device.mac);
  }
  for (const sureOnly of [true, false]) {
    const open = cameras.filter((camera) => !settled.has(camera.id));
    const possible = new Map(
      open.map((camera) => {
        const all = (fits.get(camera.id) ?? []).filter(({ device, fit }) => fit.fits && (!sureOnly || fit.sure) && !taken.has(device.mac));
        return [camera.id, all] as const;
      }),
    );
    for (const camera of open) {
      const mine = possible.get(camera.id) ?? [];
      const [only] = mine;
      if (only === undefined) continue;
      const rivals = open.filter(
        (other) =>
          other !== camera && (possible.get(other.id) ?? []).some(({ device }) => mine.some((one) => one.device.mac === device.mac)),
      );
      if (mine.length > 1 || rivals.length > 0) {
        const devices = mine.map(({ device }) => contender(device)).slice(0, NAMED);
        settled.set(camera.id, { kind: "unclear", camera: camera.id, devices, rivals: rivals.map(({ id }) => id) });
      } else {
        const evidence = only.fit.fits ? only.fit.why : [];
        settled.set(camera.id, { kind: "proposed", camera: camera.id, device: contender(only.device), evidence });
      }
    }
    // A device that surely fits a camera, even if which is unclear, is no other's.
    for (const all of possible.values()) for (const { device } of all) taken.add(device.mac);
  }
  return cameras.map((camera) => settled.get(camera.id) ?? none(camera.id, fits.get(camera.id) ?? []));
}

/** The one fitting device that is called as the camera; undefined where there is none, or where there are several. */
function namedAs<One extends { readonly device: FoundDevice; readonly fit: Fit }>(camera: Unlearned, all: readonly One[]): One | undefined {
  const named = all.filter(({ device, fit }) => fit.fits && isCalled(device, camera));
  return named.length === 1 ? named[0] : undefined;
}

function isCalled({ called }: FoundDevice, { id, title }: Unlearned): boolean {
  const name = folded(called ?? "");
  return name !== "" && (name === folded(id) || name === folded(title));
}

/** Names differ in blanks, hyphens and case from one program to the next. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Devices that are no configured camera's, each once: no gateway, no proxy, nobody whose MAC, endpoint or address belongs to a camera that is known. */
function unclaimed(found: readonly FoundDevice[], claims: Claims): readonly FoundDevice[] {
  const byMac = Map.groupBy(found, (device) => device.mac);
  return [...byMac.values()].flatMap((same) => {
    const [first] = same;
    const addresses = new Set(same.map((device) => device.address));
    if (first === undefined || addresses.size >= PROXY_ADDRESSES || same.some((device) => isClaimed(device, claims))) return [];
    return [same.find((device) => device.answers.length > 0) ?? first];
  });
}

function isClaimed(device: FoundDevice, { identities, addresses }: Claims): boolean {
  if (device.gateway || addresses.has(device.address)) return true;
  return identities.some(
    ({ macs, endpoint }) =>
      macs.includes(device.mac) || (endpoint !== undefined && device.endpoint !== undefined && sameEndpoint(endpoint, device.endpoint)),
  );
}

/** Whether the device can be the camera, by what it answers on the camera's own port and path and by whose make it is. */
export function fitOf(camera: Unlearned, device: FoundDevice): Fit {
  const port = String(camera.streamPort);
  const answer = device.answers.find((one) => one.port === camera.streamPort && one.path === camera.streamPath);
  if (answer === undefined) return { fits: false, why: `port ${port} does not answer` };
  const { greeting } = answer;
  const said = answerWords(greeting);
  if (said.no) return { fits: false, why: `${said.words} on port ${port}` };
  const wanted = makerOfPath(camera.streamPath);
  const maker = makerOf(device);
  if (wanted !== undefined && maker !== undefined && wanted !== maker)
    return { fits: false, why: `it is a ${maker}, and the stream path is ${wanted}'s` };
  const sure = wanted !== undefined && maker === wanted;
  const why = [
    ...(sure ? [`it is a ${maker}, as the stream path is`] : []),
    `${said.words} on port ${port}`,
    ...(device.endpoint === undefined ? [] : ["it speaks ONVIF"]),
  ];
  return { fits: true, sure, why };
}

/** Whether what a device answers contradicts the camera's stream path: another maker's, or a path that it does not know. */
export function contradictsPath(streamPath: string, greeting: GreetingReading): string | undefined {
  if (greeting.kind !== "challenge" || greeting.realm === undefined) return undefined;
  const [wanted, maker] = [makerOfPath(streamPath), makerOfSayings([greeting.realm])];
  if (wanted === undefined || maker === undefined || wanted === maker) return undefined;
  return `the device there is a ${maker}, and the stream path is ${wanted}'s`;
}

function makerOf(device: FoundDevice) {
  return makerOfSayings([...device.sayings, ...realmsOf(device)]);
}

function realmsOf(device: FoundDevice): readonly string[] {
  const realms = device.answers.flatMap(({ greeting }) =>
    greeting.kind === "challenge" && greeting.realm !== undefined ? [greeting.realm] : [],
  );
  return [...new Set(realms)];
}

function answerWords(greeting: GreetingReading): { readonly no: boolean; readonly words: string } {
  switch (greeting.kind) {
    case "challenge":
      return { no: false, words: "RTSP asks for a password" };
    case "open":
      return { no: false, words: "RTSP knows the stream path and shows it to anyone" };
    case "refused":
      if (greeting.status === 401 || greeting.status === 403) return { no: false, words: `RTSP answers ${String(greeting.status)}` };
      return {
        no: true,
        words: greeting.status === 404 ? "RTSP does not know the stream path (404)" : `RTSP answers ${String(greeting.status)}`,
      };
    case "not-rtsp":
      return { no: true, words: "something else than RTSP answers" };
    case "no-answer":
      return { no: true, words: "RTSP gives no answer" };
  }
}

function contender(device: FoundDevice): Contender {
  const { mac, address, endpoint, called } = device;
  const realms = realmsOf(device).map((realm) => `realm ${JSON.stringify(realm)}`);
  const says = [
    ...new Set([...realms, ...device.sayings, ...(called === undefined ? [] : [`called ${JSON.stringify(called)} in Home Assistant`])]),
  ];
  return { mac, address, ...(endpoint === undefined ? {} : { endpoint }), says };
}

function none(camera: DeviceId, all: readonly { readonly device: FoundDevice; readonly fit: Fit }[]): Adoption {
  const near = all.flatMap(({ device, fit }) =>
    fit.fits || device.answers.length === 0 ? [] : [{ device: contender(device), why: fit.why }],
  );
  return { kind: "none", camera, near: near.slice(0, NAMED) };
}
