import type { DeviceId } from "../domain/camera.ts";
import type { Duration, Instant } from "../domain/duration.ts";
import type { HostName } from "../domain/host-name.ts";
import type { Tell } from "../domain/notice.ts";
import type { Actions } from "../ports/actions.ts";
import type { TargetName } from "../ports/config-target.ts";
import type { SightingListener } from "../ports/sightings.ts";
import { DEFAULT_BACKOFF } from "../runtime/backoff.ts";
import { enqueueAll } from "../runtime/enqueue-all.ts";
import { Loop } from "../runtime/loop.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { Asking } from "./asking.ts";
import { Adoptions, HOME } from "./adoptions.ts";
import { Bindings } from "./bindings.ts";
import { createConfirming } from "./confirming.ts";
import { createConsent } from "./consent.ts";
import { approve, putBackMerged, undo } from "./consent-verbs.ts";
import { createCare } from "./camera-care.ts";
import { askForRestart } from "./document-notes.ts";
import { keepsName } from "./document-wishes.ts";
import { Documents, type DocumentsPorts } from "./documents.ts";
import { Enrolling } from "./enrolling.ts";
import type { EnginePorts } from "./engine-ports.ts";
import { Fleet } from "./fleet.ts";
import { forget } from "./forgetting.ts";
import { FrameCounts } from "./frame-counts.ts";
import { Frames } from "./frames.ts";
import { type EverySearch, IdentitySearch } from "./identity-search.ts";
import { keepWatching } from "./layers.ts";
import type { Leases } from "./leases.ts";
import { MovedHooks } from "./moved-hooks.ts";
import { Measured } from "./measured.ts";
import { Logins } from "./logins.ts";
import { Looking } from "./looking.ts";
import { oneSync } from "./one-sync.ts";
import { Pinning } from "./pinning.ts";
import { Pipelines } from "./pipelines.ts";
import { Pointing } from "./pointing.ts";
import { Reconnecting } from "./reconnecting.ts";
import { answerRequests } from "./requests.ts";
import { Restarts } from "./restarts.ts";
import { Resyncing } from "./resyncing.ts";
import { SecondMacs } from "./second-macs.ts";
import { Searches } from "./searches.ts";
import { Shadows } from "./shadows.ts";
import { SightingDesk } from "./sighting-desk.ts";
import { StreamWatch } from "./stream-watch.ts";
import { Switching } from "./switching.ts";
import { UntoldStreams } from "./untold-streams.ts";
import { createActions } from "./verbs.ts";
import { createVerifier } from "./verifier.ts";

export interface Engine {
  readonly fleet: Fleet;
  /** What may be asked of it. */
  readonly actions: Actions;
  readonly adoptions: Adoptions;
  readonly measured: Measured;
  readonly liveStream: StreamWatch["liveStream"];
  /** When somebody last asked for a resync. */
  resyncedAt(): Instant | undefined;
  /** Proves a device where it is, as after a move; for a program that does not run. */
  readonly rehearse: Looking["rehearse"];
  /** Keeps everything right until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Makes everything right once, as far as that is possible within `within`. @returns whether everything came to its end within that time
   * @param then done once everything is settled; what it begins is waited for, too
   */
  once(within: Duration, signal: AbortSignal, then?: (signal: AbortSignal) => Promise<void>): Promise<boolean>;
}

/** The loops and how they wake one another. Every `new` of a reconciler is here. */
export function createEngine(ports: EnginePorts): Engine {
  const { clock, random, status, log, registry, servers, dryRun, limits } = ports;
  const { guards } = limits;
  const { frigates = [], piped = [], neverRestarted: never = new Set<TargetName>() } = ports;
  const { targets, cameras, told } = ports;
  const fleet = new Fleet({ targets, cameras, registry, status, told });
  const measured = new Measured();
  const logins = new Logins({ registry, clock, guards, digest: ports.digest });
  const verifier = createVerifier({ prober: ports.prober, table: ports.table, clock, atMost: limits.verify });

  const loop = <K extends string>(reconciler: Reconciler<K>, subject: (key: K) => string, concurrency: number): Loop<K> =>
    new Loop(reconciler, { clock, random, status, log, concurrency, backoff: DEFAULT_BACKOFF, subject, limit: 5000 });
  const look = (id: DeviceId, news = false): void => {
    if (news) bindings.interrupt(id);
    bindingLoop.enqueue(id);
  };
  const lookAtAll = (): void => {
    for (const device of fleet.devices) look(device.id);
  };
  const tell: Tell = (notice) => {
    ports.tell(notice);
    hooks.note(notice);
  };
  const onSighting: SightingListener = (...sightings) => desk.note(...sightings);
  const onRead = (): void => {
    const known = new Set(bindingLoop.keys().map((state) => state.key));
    for (const device of fleet.devices) if (!known.delete(device.id)) look(device.id);
    const remembering = [bindingLoop, pinLoop, reconnectLoop, care, searches, looking, desk, measured, second, unproved];
    for (const gone of known) for (const part of remembering) part.forget(gone);
    for (const id of pinning.due()) pinLoop.enqueue(id);
  };
  const onSettled = (): void => enqueueAll(documentLoop, ports.targets);
  const onServers = (): void => servers.forEach((server) => streamLoop.enqueue(server.name));
  const onSwitched = (id: DeviceId, isTold: boolean): void => {
    onSettled();
    second.forget(id);
    unproved.forget(id);
    confirmed.moved(id);
    restarts.noteMove();
    for (const { name } of restarted) restartLoop.enqueue(name);
    const device = fleet.device(id);
    if (!isTold || device === undefined) return;
    if (!leases.standsBack(device)) return dryRun ? undefined : framesLoop.enqueue(id);
    documents.confirm(id);
    hooks.drop(id);
  };
  const onRight = (): void => enqueueAll(shadowLoop, servers);

  const desk = new SightingDesk({ fleet, clock, onNews: look, isLost: (id) => searches.isMissing(id) });
  const { prober, search, network, table, digest, unconfirmed } = ports;
  const remembering = { fleet, registry, clock, status, tell, digest, table };
  const consent = createConsent({ ...remembering, unconfirmed, dryRun, enqueue: (name) => documentLoop.enqueue(name) });
  const { holds, leases, turns, approvals, undoing } = consent;
  const enqueue = (name: string): void => searchLoop.enqueue(name);
  const { interfaces, ranges, search: enabled } = network;
  const hunting = { search, prober, clock, random, interfaces, ranges, enabled, guards, onSighting };
  const searches = new Searches({ ...hunting, status, log, enqueue });
  const sought = { callers: ports.callers ?? [], lostAt: (id: DeviceId) => searches.lostAt(id), census: searches.census.bind(searches) };
  const identitySearch = new IdentitySearch({ ...hunting, ...sought, enqueue: (key) => identityLoop.enqueue(key) });
  const pipelines = new Pipelines({ piped, fleet, registry, clock, random, status, dryRun, limits: limits.restarts, never });
  const restarted = frigates.filter(({ name }) => !pipelines.has(name));
  const asked = new Set([...restarted, ...piped].map(({ name }) => name));
  const onUntold = (): void => {
    for (const { name } of restarted) restartLoop.enqueue(name);
  };
  const untold = new UntoldStreams({ fleet, servers, registry, status, restarted: asked, onChange: onUntold });
  const onWritten: DocumentsPorts["onWritten"] = (target, edits) => {
    undoing.noteWritten(target);
    askForRestart(status, target, edits, fleet, asked.has(target.name));
    untold.noteWritten(target, edits);
    pipelines.noteWritten(target.name);
    if (asked.has(target.name)) (pipelines.has(target.name) ? pipelineLoop : restartLoop).enqueue(target.name);
  };
  const heedUndone: DocumentsPorts["heedUndone"] = (target, text, signal) =>
    putBackMerged({ undoing, documents, switching }, dryRun ? undefined : target, text, signal);
  const heard = { onRead, onRight, onWritten, heedUndone };
  const documents = new Documents({ ...heard, fleet, registry, clock, status, tell, look, dryRun, unconfirmed, ...consent });
  const isForeign = (name: TargetName): boolean => leases.isForeign(name);
  const restarting = { fleet, frigates: restarted, registry, clock, status, limits: limits.restarts, never, dryRun, isForeign };
  const restarts = new Restarts({ ...restarting, untold });
  const whileTold: Documents["whileTold"] = (id, work, signal) => documents.whileTold(id, work, signal);
  const standsBack: Leases["standsBack"] = (device) => leases.standsBack(device);
  const keeps = (id: DeviceId, name: HostName): boolean => keepsName(fleet, holds, id, name);
  const pointing = new Pointing({ fleet, servers, registry, clock, status, tell, whileTold, dryRun, standsBack, keepsName: keeps, untold });
  const onTurn = (id: DeviceId): void => care.onTurn(id);
  const watching = { fleet, servers, pointing, untold, registry, table, clock, status, policy: ports.policy };
  const streams = new StreamWatch({ ...watching, onLook: look, onTurn, measured });
  const enqueueHome = (): void => adoptionLoop.enqueue(HOME);
  const { unproved, confirmed, confirm } = createConfirming({ ...hunting, ...remembering, holds, enqueue: enqueueHome, onNews: look });
  const seeing = { desk, searches, identitySearch, streams, confirmed, unproved };
  const second = new SecondMacs({ fleet, registry, prober, clock, status, enqueue: (id) => secondLoop.enqueue(id) });
  const onOtherMac: SecondMacs["noticed"] = (id, address, mac) => second.noticed(id, address, mac);
  const looking = new Looking({ fleet, holds, registry, verifier, prober, table, ...seeing, pointing, logins, clock, tell, onOtherMac });
  const enrolling = new Enrolling({ fleet, prober, registry, looking, confirmed, streams, clock, status, tell });
  const deciding = { fleet, holds, registry, looking, desk, searches, pointing, clock, status };
  const onTakenBack = (id: DeviceId): void => {
    hooks.drop(id);
    look(id);
  };
  const switching = new Switching({ ...deciding, documents, tell, guards, onSwitched, onTakenBack });
  const shared = { ...deciding, enrolling, switching, random, search, confirmed };
  const drop = (id: DeviceId): void => {
    bindings.drop(id);
    for (const part of [care, searches, looking, enrolling, logins, desk, measured, second, unproved]) part.forget(id);
  };
  const adopting = { fleet, registry, prober, searches, desk, clock, status, second, unproved, confirm, drop, known: ports.known };
  const adoptions = new Adoptions({ ...adopting, enqueue: enqueueHome, onAdopted: look });
  const onProved = (id: DeviceId): void => {
    onSettled();
    adoptions.settled();
    second.forget(id);
    unproved.forget(id);
    care.onProved(id);
    hooks.settled(id);
  };
  const onAbsent = (id: DeviceId): void => adoptions.absent(id);
  const bindings = new Bindings({ ...shared, interval: ports.interval, onSettled: onProved, onAbsent });
  const takeBack: Switching["takeBack"] = (id, refused, signal) => switching.takeBack(id, refused, signal);
  const frames = new Frames({ fleet, servers, documents, pointing, untold, clock, status, tell, giveUp: limits.frames, takeBack });
  const pinning = new Pinning({ fleet, holds, looking, logins, clock, status, onProved: onSettled });
  const hooks = new MovedHooks({ ...ports, ...remembering, ...consent, enqueue: (name) => hookLoop.enqueue(name) });
  const hookLoop = loop(hooks, (name) => `hook/${name}`, 4);
  const pinLoop = loop(pinning, (id) => `pin/${id}`, 2);
  const bindingLoop = loop(bindings, (id) => `device/${id}`, 64);
  const documentLoop = loop<TargetName>(documents, (name) => `target/${name}`, 8);
  const framesLoop = loop<DeviceId>(frames, (id) => `frames/${id}`, 16);
  const searchLoop = loop(searches, (name) => `search/${name}`, 2);
  const identityLoop = loop<EverySearch>(identitySearch, (key) => `search/${key}`, 1);
  const streamLoop = loop(streams, (name) => `server/${name}`, 8);
  const shadowLoop = loop(new Shadows({ servers, registry }), (name) => `shadow/${name}`, 2);
  const reconnecting = new Reconnecting({ fleet, pointing, servers, clock, enqueue: (id) => reconnectLoop.enqueue(id) });
  const reconnectLoop = loop<DeviceId>(reconnecting, (id) => `reconnect/${id}`, 4);
  const cared = { ...shared, streams, logins, prober, details: ports.details, measured, power: ports.power, powerLimits: limits.power };
  const care = createCare(cared, loop<DeviceId>);

  const counts = new FrameCounts({ fleet, frigates, servers, clock, status, measured, onLook: look });
  const countsLoop = loop<TargetName>(counts, (name) => `target/${name}/frames`, 4);

  const lookAtRest = (): void => {
    onSettled();
    onServers();
  };
  const hunted = { bindingLoop, documentLoop, hunts: [searchLoop, identityLoop], searches, frames };
  const resyncing = new Resyncing({ ...remembering, ...hunted, holds, look, lookAtRest });
  const asking = new Asking({ fleet, registry, clock, resyncing, reconnecting, onSighting });
  const secondLoop = loop<DeviceId>(second, (id) => `second/${id}`, 4);
  const adoptionLoop = loop(adoptions, (home) => `adoption/${home}`, 1);
  const restartLoop = loop<TargetName>(restarts, (name) => `target/${name}/restart`, 8);
  const pipelineLoop = loop<TargetName>(pipelines, (name) => `target/${name}/pipeline`, 4);
  const loops = [
    bindingLoop,
    pipelineLoop,
    documentLoop,
    framesLoop,
    restartLoop,
    searchLoop,
    identityLoop,
    streamLoop,
    shadowLoop,
    reconnectLoop,
    adoptionLoop,
    secondLoop,
    hookLoop,
    pinLoop,
  ];

  const verbs = { fleet, approvals, documents, undoing, turns, switching, clock, status };
  const actions = createActions({
    resync: (action, signal) => asking.resync(action, signal),
    reconnect: (action, signal) => asking.reconnect(action, signal),
    sighting: (action) => asking.sighting(action),
    adopt: (action, signal) => adoptions.perform(action, signal),
    forget: (action) => Promise.resolve(forget({ fleet, cameras: ports.cameras, registry, status, tell }, action)),
    approve: (action, signal) => approve(verbs, action, signal),
    undo: (action, signal) => undo(verbs, action, signal),
  });

  const onFrigates = (): void => {
    enqueueAll(restartLoop, restarted);
    enqueueAll(pipelineLoop, piped);
  };
  const load = (signal: AbortSignal): Promise<void> => documents.load(signal);
  const begin = async (signal: AbortSignal): Promise<void> => {
    hooks.resume();
    registry.renameServers(servers);
    if (documents.complete) await pointing.releaseUnknown(signal);
    lookAtAll();
    for (const target of ports.targets) documentLoop.enqueue(target.name);
    onFrigates();
  };

  return {
    fleet,
    actions,
    adoptions,
    measured,
    liveStream: (device) => streams.liveStream(device),
    resyncedAt: () => asking.resyncedAt,
    rehearse: (device, address, login, signal) => looking.rehearse(device, address, login, signal),
    async run(signal) {
      try {
        await load(signal);
        await begin(signal);
        approvals.settleIn(documents.complete);
        onServers();
        for (const { name } of frigates) countsLoop.enqueue(name);
        for (const { id } of fleet.devices) onTurn(id);
        const layers = { clock, random, status, log, tell, onSighting, onGap: lookAtAll };
        const every = ports.requestsEvery;
        await Promise.all([
          ...[...loops, ...care.loops, countsLoop].map((one) => one.run(signal)),
          ...ports.sources.map((source) => keepWatching(source, layers, signal)),
          every === undefined ? undefined : answerRequests({ registry, actions, clock, log, every }, signal),
        ]);
      } finally {
        await leases.release();
      }
    },
    once(within, signal, then) {
      const going = [frames, documents, restarts, pipelines, hooks];
      const layers = { clock, random, status, log, onSighting };
      const judge = [() => pipelines.noteLooked(), onFrigates];
      const parts = { loops, going, restarts, sources: ports.sources, layers, load, begin, judge, rest: [onServers, onSettled] };
      return oneSync({ ...parts, release: () => leases.release() }, within, signal, then);
    },
  };
}
