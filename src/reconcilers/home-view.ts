import { isBesideVideo } from "../domain/beside-video.ts";
import type { Device } from "../domain/camera.ts";
import { devicesCalled } from "../domain/device-names.ts";
import { maskCredentials } from "../domain/mask.ts";
import { maskDocument } from "../domain/mask-document.ts";
import { unifiedDiff } from "../domain/unified-diff.ts";
import type { CameraView, HomeView, NotReady } from "../ports/home-view.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Engine } from "./engine.ts";
import { goneCameras } from "./forgetting.ts";
import { heldBack, provedAt } from "./held-back.ts";
import { byPresentName, changesOf, proposalsOf } from "./remembered.ts";

const MOST_GONE = 100;

export interface HomeViewPorts {
  readonly engine: Pick<Engine, "fleet" | "measured" | "resyncedAt">;
  readonly registry: Pick<Registry, "device" | "devices" | "evidence" | "openChanges" | "consents">;
  readonly status: Pick<Status, "all" | "get">;
  /** Names of the go2rtcs, as in the subjects of stream conditions. */
  readonly servers: readonly string[];
}

/** What others may see of a fleet. */
export function createHomeView(ports: HomeViewPorts): HomeView {
  const { engine, registry, status } = ports;
  const { fleet } = engine;
  return {
    isComplete: () => fleet.complete,
    resyncedAt: () => engine.resyncedAt(),
    notReady: () => notReady(ports),
    conditions: () => status.all(),
    cameras: () => fleet.devices.map((device) => cameraOf(device, ports)),
    ownerOf: (subject) => fleet.devices.find((device) => subjectsOf(device, ports).includes(subject))?.id,
    camera(word) {
      const [device, ...others] = devicesCalled(word, fleet.devices);
      return device === undefined || others.length > 0 ? undefined : cameraOf(device, ports);
    },
    pending: () => proposalsOf(registry.consents, fleet.targets).map(({ id, target, cameras }) => ({ id, target, cameras })),
    gone: () => (fleet.complete ? goneCameras(fleet, registry.devices()).slice(0, MOST_GONE) : []),
    evidence: (id, limit) => registry.evidence(id, limit),
    proposals: () =>
      proposalsOf(registry.consents, fleet.targets).map(({ id, target, cameras, before, after, at }) => ({
        id,
        target,
        cameras,
        at,
        diff: diffOf(target, before, after),
      })),
    changes: (limit) =>
      fleet.targets
        .flatMap((target) => changesOf(registry.consents, target, fleet.targets))
        .concat(registry.openChanges().flatMap((change) => byPresentName(change, fleet.targets)))
        .toSorted((one, other) => other.id - one.id)
        .slice(0, limit)
        .map(({ id, target, before, after, at, state }) => ({ id, target, at, state, diff: diffOf(target, before, after) })),
  };
}

function diffOf(target: string, before: string, after: string): string {
  return unifiedDiff(before, after, target, maskDocument);
}

function notReady({ engine: { fleet }, status }: HomeViewPorts): readonly NotReady[] {
  const read = new Set(fleet.documents.map(({ target }) => target.name));
  const unread = fleet.targets.flatMap(({ name, place }): readonly NotReady[] => {
    if (read.has(name)) return [];
    const subject = `target/${name}`;
    const { reason = "Searching", message = `${place} was not read yet` } = status.get(subject) ?? {};
    return [{ subject, reason, message }];
  });
  const unseen = fleet.devices.flatMap(({ id, title }): readonly NotReady[] => {
    const subject = `device/${id}`;
    if (status.get(subject) !== undefined || fleet.settled(id) !== undefined) return [];
    return [{ subject, reason: "Searching", message: `${title} was not looked at yet` }];
  });
  return [...unread, ...unseen];
}

/** What may be said of a camera and of its streams. */
function subjectsOf(device: Device, { engine: { fleet }, servers }: HomeViewPorts): readonly string[] {
  const counted = device.owners.filter((owner) => owner.startsWith("camera:")).map((owner) => owner.slice(7));
  const counts = fleet.targets.flatMap((target) => counted.map((camera) => `camera/${target.name}/${camera}`));
  return [
    `device/${device.id}`,
    ...["stream", "clock"].map((part) => `device/${device.id}/${part}`),
    ...["adopt", "changed", "clock", "frames", "pin", "power", "reconnect", "told"].map((kind) => `${kind}/${device.id}`),
    ...counts,
    ...servers.flatMap((server) => device.streams.map(({ name }) => `stream/${server}/${name}`)),
  ];
}

function cameraOf(device: Device, ports: HomeViewPorts): CameraView {
  const { engine, registry, status, servers } = ports;
  const { fleet, measured } = engine;
  const record = registry.device(device.id);
  const address = fleet.addressOf(device);
  const proved = fleet.settled(device.id) !== undefined;
  const verifiedAt = record === undefined ? undefined : provedAt(record, heldBack(device.id, registry.consents.holds()));
  const conditions = subjectsOf(device, ports).flatMap((subject) => status.get(subject) ?? []);
  // The first is where it was learned.
  const lastMove = (record?.switches.length ?? 0) > 1 ? record?.switches.at(-1)?.at : undefined;
  const { endpoint, realm } = record?.identity ?? {};
  return {
    id: device.id,
    title: device.title,
    owners: device.owners,
    streams: device.streams.map(({ name }) => name),
    configured: device.addresses,
    ...(address === undefined ? {} : { address }),
    proved,
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
    history: record?.history ?? [],
    macs: fleet.macsOf(device),
    ...(lastMove === undefined ? {} : { lastMove }),
    ...measured.of(device, servers),
    ...(endpoint === undefined ? {} : { endpoint: maskCredentials(endpoint) }),
    ...(realm === undefined ? {} : { realm: maskCredentials(realm) }),
    connected: proved && conditions.every(({ status: shown, subject }) => shown !== "problem" || isBesideVideo(subject)),
    conditions,
  };
}
