import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { FileLease } from "./adapters/file/file-lease.ts";
import { textFileTargets } from "./adapters/file/text-files.ts";
import { ArpScan } from "./adapters/lan/arp-scan.ts";
import { DhcpSocket } from "./adapters/lan/dhcp-socket.ts";
import { Interfaces } from "./adapters/lan/interfaces.ts";
import { NeighbourMonitor } from "./adapters/lan/neighbour-monitor.ts";
import { LeaseFiles } from "./adapters/leases/lease-files.ts";
import { KernelNeighbourProber } from "./adapters/lan/neighbour-prober.ts";
import { LanSearch } from "./adapters/lan/neighbour-search.ts";
import { KernelNeighbourTable } from "./adapters/lan/neighbour-table.ts";
import { UdpPoke } from "./adapters/lan/udp-poke.ts";
import { DiscoveryLayer } from "./adapters/onvif/discovery-layer.ts";
import { DiscoveryCall } from "./adapters/onvif/network-probe.ts";
import { readMacList } from "./adapters/mac-lists/read-mac-list.ts";
import { formatReservations } from "./adapters/reservations/formats.ts";
import { openDatabase } from "./adapters/sqlite/database.ts";
import { createRegistry } from "./adapters/sqlite/registry.ts";
import { createRunLock } from "./adapters/sqlite/run-lock.ts";
import { listenHttp } from "./adapters/system/http-socket.ts";
import { movedWebhooks } from "./adapters/webhook/moved-webhook.ts";
import { createSystemClock } from "./adapters/system/clock.ts";
import { readMachine } from "./adapters/system/machine.ts";
import { createProcesses } from "./adapters/system/processes.ts";
import { readArpScan, readIproute2 } from "./adapters/system/programs.ts";
import { systemRandom } from "./adapters/system/random.ts";
import { copiedRegistry, keepFailedLogin } from "./app/copied-registry.ts";
import { documentsOf } from "./app/documents.ts";
import { followedBindings, hearOnce, prepareMqtt, tryMqtt } from "./app/mqtt.ts";
import { detailsOf, proberOf, vendorsOf } from "./app/camera-questions.ts";
import { homeAssistantOf } from "./app/home-assistant.ts";
import { limitsOf } from "./app/limits.ts";
import { prepareNotifications } from "./app/notifications.ts";
import { findOfferedBroker, offered, onceOffered } from "./app/offered-broker.ts";
import { serversOf } from "./app/servers.ts";
import { joinSupervisor, withHostInterfaces } from "./app/supervisor.ts";
import { planNow } from "./commands/plan-documents.ts";
import type { Program } from "./commands/program.ts";
import type { OptionFiles } from "./config/option-files.ts";
import type { Options } from "./config/options.ts";
import type { MacAddress } from "./domain/addresses.ts";
import { prepareHttp } from "./http/prepare.ts";
import type { OwnerName } from "./domain/camera.ts";
import type { KnownAddresses } from "./domain/text-document.ts";
import type { CameraOption } from "./domain/devices.ts";
import { seconds } from "./domain/duration.ts";
import type { Tell } from "./domain/notice.ts";
import type { Reservable } from "./domain/reservations.ts";
import { DEFAULT_HEALTH } from "./domain/stream-health.ts";
import type { Log } from "./ports/log.ts";
import type { SightingSource } from "./ports/sightings.ts";
import type { Registry } from "./ports/registry.ts";
import { settleMachine } from "./reconcilers/homecoming.ts";
import { createEngine } from "./reconcilers/engine.ts";
import { knownAddresses } from "./reconcilers/known-addresses.ts";
import { usableInterfaces } from "./reconcilers/identity-search.ts";
import { Watched } from "./reconcilers/watched.ts";
import { createStatus } from "./runtime/report.ts";

export interface ProgramSettings {
  readonly options: Options;
  readonly files: OptionFiles;
  readonly log: Log;
  readonly tell: Tell;
  readonly version: string;
  readonly homepage: string;
  /** What is stored is used and nothing is stored; neither go2rtc nor a document is changed. */
  readonly dryRun: boolean;
}

/**
 * Puts the program together. Nothing runs yet, and nothing but the database is opened.
 * @throws DatabaseError; the signal's reason when aborted
 */
export async function createProgram(settings: ProgramSettings, signal: AbortSignal): Promise<Program> {
  const { files, log } = settings;
  const watched = new Watched();
  const tell = watched.tell(settings.tell);
  const clock = createSystemClock();
  const processes = createProcesses(files.environment["PATH"]);
  const status = createStatus({ clock, tell, log });
  const path = databasePath(settings.options);
  const registry = watched.registry(
    settings.dryRun ? copiedRegistry(path) : createRegistry(openDatabase(path), settings.options.limits.previous_texts),
  );
  const hosted = await joinSupervisor({ ...settings, clock, random: systemRandom, status, memory: registry.consents }, signal);
  // As an app of Home Assistant's it has a page, and nobody has a command line.
  const surface = hosted === undefined ? "commands" : "page";
  const options = hosted === undefined ? settings.options : { ...settings.options, frigate: hosted.documents.frigate };
  const table = new KernelNeighbourTable(processes);
  const interfaces = new Interfaces();
  const arpScan = new ArpScan(processes);
  const neighbours = new KernelNeighbourProber({ clock, table, interfaces, arpScan });
  const prober = proberOf(clock, neighbours);
  const lan = new LanSearch({ clock, table, interfaces, arpScan, poke: new UdpPoke(clock), prober: neighbours });
  const search = hosted === undefined ? lan : withHostInterfaces(lan, hosted.interfaces);
  const { layers, interfaces: named } = options.network;
  const homeAssistant = homeAssistantOf(options, files.environment, clock, systemRandom);
  const sources: readonly SightingSource[] = [
    ...(layers.dhcp ? [new DhcpSocket(clock)] : []),
    ...(options.network.lease_files.length === 0 ? [] : [new LeaseFiles(clock, options.network.lease_files)]),
    ...homeAssistant.sources,
    ...(layers.ws_discovery
      ? [new DiscoveryLayer({ clock, interfaces: async (stop) => usableInterfaces(await search.interfaces(stop), named) })]
      : []),
    ...(layers.neighbours ? [new NeighbourMonitor(clock, systemRandom, processes, table)] : []),
  ];
  if (!settings.dryRun) settleMachine(registry, readMachine(), status, randomUUID);
  const installation = registry.consents.fact("installation") ?? "";
  const supervisor = options.mqtt.url === undefined ? hosted?.supervisor : undefined;
  const found = supervisor === undefined ? {} : { findBroker: (stop: AbortSignal) => findOfferedBroker(supervisor, stop) };
  const mqtt = { options: options.mqtt, files, installation, clock, ...found };
  const followed = followedBindings(mqtt);
  const documents = await documentsOf(
    { options, files, pins: registry, clock, processes, installation, dryRun: settings.dryRun, apps: hosted?.documents },
    signal,
  );
  const { unconfirmed, frigates, examined, piped, clients, ways } = documents;
  const servers = serversOf(options, clients, clock);
  // The texts of other programs follow what the fleet knows, which reads these very targets.
  let known: (follows: readonly OwnerName[]) => KnownAddresses = () => ({ followed: new Map(), others: new Set() });
  const taken = documents.targets.map(({ name }) => name);
  const leaseOf = (path: string) => new FileLease({ path, clock, id: () => installation });
  const unfinished = { journal: join(options.data_dir, "unfinished"), dryRun: settings.dryRun, leaseOf };
  const targets = [...documents.targets, ...textFileTargets(options.files, taken, (follows) => known(follows), unfinished)];
  for (const [name, words] of ways) status.set(`target/${name}/way`, "ok", "WayChosen", `reached ${words}`);
  const { interval, failures, cooldown, max_backoff: maxBackoff, streams } = options.health;
  const engine = createEngine({
    targets,
    cameras: camerasOf(options),
    servers,
    sources: [...sources, ...followed],
    registry,
    prober,
    details: detailsOf(clock),
    table,
    search,
    callers: [new DiscoveryCall(clock), ...vendorsOf(clock)],
    clock,
    random: systemRandom,
    status,
    log,
    tell,
    digest: (text) => createHash("sha256").update(text).digest("hex").slice(0, 16),
    interval,
    policy: (name) => {
      const own = streams[name];
      return {
        interval: own?.interval ?? interval,
        failures: own?.failures ?? failures,
        cooldown: own?.cooldown ?? cooldown,
        maxBackoff: own?.max_backoff ?? maxBackoff,
        frozenAfter: DEFAULT_HEALTH.frozenAfter,
      };
    },
    network: options.network,
    dryRun: settings.dryRun,
    unconfirmed,
    limits: limitsOf(options),
    frigates,
    piped,
    neverRestarted: new Set(frigates.map(({ name }) => name).filter((name) => isNeverRestarted(options, name))),
    requestsEvery: seconds(1),
    hooks: movedWebhooks(options.on_moved, clock),
    known: homeAssistant.known,
    power: homeAssistant.power,
    told: followed[0],
  });
  known = (follows) => knownAddresses(engine.fleet, registry, follows);
  const runLock = createRunLock(join(options.data_dir, "camera-shepherd.run"));
  const parts = {
    engine,
    targets,
    frigates: examined,
    ways,
    servers,
    registry,
    runLock,
    status,
    search,
    clock,
    sources,
    homeAssistant: homeAssistant.facts,
    power: homeAssistant.power,
  };
  return {
    ...parts,
    hosted,
    changed: (stop) => Promise.race([documents.changed(stop), ...(hosted === undefined ? [] : [hosted.changed(stop)])]),
    readIproute2: (stop) => readIproute2(processes, stop),
    readArpScan: (stop) => readArpScan(processes, stop),
    probeDataFolder: () => probeDataFolder(options),
    connect: (address, port, within, stop) => prober.connect(address, port, within, stop),
    keepFailedLogin: (id) => keepFailedLogin(databasePath(options), registry, id),
    reservables: () => reservablesOf(registry, options),
    formatReservations,
    readMacList,
    prepareHttp: () =>
      prepareHttp({
        ...parts,
        watched,
        random: systemRandom,
        log,
        options: options.http,
        version: settings.version,
        plan: (stop) => planNow(targets, engine.fleet.devices, registry, stop),
        listen: (web, where, stop) => listenHttp(web, where, clock, stop),
        page: hosted?.page,
      }),
    prepareMqtt: async () => {
      const prepare = () => prepareMqtt({ ...settings, surface, ...parts, ...mqtt, watched, followed, random: systemRandom, log });
      return supervisor === undefined ? prepare() : onceOffered({ ...parts, supervisor }, prepare);
    },
    hearBindings: (stop) => hearOnce({ ...mqtt, followed, log, status }, stop),
    prepareNotifications: () => {
      const shared = { registry, clock, random: systemRandom, status, log, watched, installation };
      return prepareNotifications(options, { ...shared, fleet: engine.fleet, board: homeAssistant.board, surface });
    },
    tryBroker: async (stop) =>
      supervisor === undefined || (await offered(supervisor, stop)) === "some" ? tryMqtt({ ...mqtt, followed }, stop) : undefined,
    close: () => {
      homeAssistant.close();
      runLock.release();
      registry.close();
    },
  };
}

/** Whether a person restarts the Frigate of this name. */
function isNeverRestarted(options: Options, name: string): boolean {
  return options.frigate.some((frigate) => frigate.name === name && frigate.restart === "never");
}

function databasePath(options: Options): string {
  return join(options.data_dir, "camera-shepherd.db");
}

/** Opens the database as a run would, and says what it knows. */
function probeDataFolder(options: Options): Promise<string> {
  const registry = createRegistry(openDatabase(databasePath(options)));
  const known = registry.devices().length;
  registry.close();
  return Promise.resolve(known === 0 ? "writable; no camera is known yet" : `writable; ${String(known)} known`);
}

function reservablesOf(registry: Registry, options: Options): readonly Reservable[] {
  const given = new Map<string, readonly MacAddress[]>(options.cameras.map(({ id, mac }) => [id, mac]));
  return registry.devices().map(({ id, identity, address, verifiedAt }) => ({
    id,
    macs: [...new Set([...(given.get(id) ?? []), ...identity.macs])],
    ...(address === undefined ? {} : { address }),
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
  }));
}

function camerasOf(options: Options): readonly CameraOption[] {
  return options.cameras.map((camera) => ({
    id: camera.id,
    macs: camera.mac,
    allowBasic: camera.allow_basic,
    enabled: camera.enabled,
    battery: camera.battery,
    pinHost: camera.pin_host,
    ...(camera.power === undefined ? {} : { power: camera.power }),
    ...(camera.name === undefined ? {} : { name: camera.name }),
    ...(camera.address === undefined ? {} : { address: camera.address }),
    ...(camera.url === undefined ? {} : { url: camera.url.reveal() }),
    ...(camera.username === undefined ? {} : { username: camera.username }),
    ...(camera.password === undefined ? {} : { password: camera.password.reveal() }),
  }));
}
