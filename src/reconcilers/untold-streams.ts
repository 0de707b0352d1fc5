import { type IpAddress, parseIp } from "../domain/addresses.ts";
import type { StreamName } from "../domain/camera.ts";
import type { HostEdit } from "../domain/document.ts";
import { type Duration, minutes } from "../domain/duration.ts";
import type { RestartNeed } from "../domain/restart-needs.ts";
import { urlsOf } from "../domain/stream-source.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { Status } from "../ports/status.ts";
import type { StreamServer, StreamState } from "../ports/stream-server.ts";
import { mayBeSent } from "./document-notes.ts";
import type { Fleet, ReadDocument } from "./fleet.ts";
import { type Facts, keepTexts, keptTexts } from "./mqtt/kept-texts.ts";

/** A refused stream is tried again so often: there may be a better way to its go2rtc by then. */
const RETRY = minutes(1);
/** The name of what is remembered of restarts, over restarts of this program too. */
const SPENT = "restarted for streams";
const MOST_SPENT = 200;

interface Untold {
  readonly stream: StreamName;
  /** The document that go2rtc reads at its start, as far as it is known to be this one's. */
  readonly document: TargetName | undefined;
  /** Absent where it is not known what go2rtc has. */
  readonly from?: IpAddress;
  readonly to: IpAddress;
  /** Monotonic. */
  readonly triedAt: Duration;
}

export interface UntoldStreamsPorts {
  readonly fleet: Fleet;
  readonly servers: readonly Pick<StreamServer, "name" | "document">[];
  readonly status: Status;
  readonly registry: { readonly consents: Facts };
  /** Documents whose Frigate is restarted by this program, or by whatever brings them into use. */
  readonly restarted: ReadonlySet<string>;
  /** What Frigates are to be restarted for may be something else now. */
  readonly onChange: () => void;
}

/**
 * Streams that a go2rtc has at an address that their camera left, and that it cannot be told anew: it refused, or the source may not be sent. The document's
 * address is in use there only after it starts: with its Frigate, where that can be restarted, else by a person's hand.
 */
export class UntoldStreams {
  readonly #ports: UntoldStreamsPorts;
  /** By server and stream. */
  readonly #streams = new Map<string, Untold>();
  /** What a restart was spent on: what it did not help, a second one would not. Read when it is first needed. */
  #spent: ReadonlySet<string> | undefined;
  /** Monotonic; absent where that was before this run. */
  #spentAt: Duration | undefined;

  constructor(ports: UntoldStreamsPorts) {
    this.#ports = ports;
  }

  /** The server has the stream at `from` and does not take `to`. */
  note(server: Pick<StreamServer, "name" | "document">, stream: StreamName, from: IpAddress, to: IpAddress, now: Duration): void {
    const key = `${server.name}/${stream}`;
    const known = this.#streams.get(key);
    const document = (server.document ?? this.#documentOf(stream)?.target.name) as TargetName | undefined;
    this.#streams.set(key, { stream, document, from, to, triedAt: now });
    if (known?.from !== from || known.to !== to) this.#changed();
    else if (this.#isSpent(key, to) && (this.#spentAt === undefined || now - this.#spentAt >= RETRY)) this.#show(true);
  }

  /** A document was changed: what of it may not be sent waits for a start of go2rtc, be it known what that has or not. */
  noteWritten({ name }: ConfigTarget, edits: readonly HostEdit[]): void {
    const document = this.#ports.fleet.documents.find(({ target }) => target.name === name);
    for (const { name: stream, sources } of document?.reading.streams ?? []) {
      const edit = edits.find(({ owners }) => owners.includes(`stream:${stream}`));
      const to = parseIp(edit?.to ?? "");
      if (to === undefined || mayBeSent(sources)) continue;
      this.#streams.set(writtenKey(stream), { stream, document: name, to, triedAt: 0 as Duration });
    }
    this.#changed();
  }

  /** Nothing is waited for, as nearly always. */
  get isEmpty(): boolean {
    return this.#streams.size === 0 && this.#spentOn().size === 0;
  }

  /** The server shows the stream where its camera is. */
  right(server: string, stream: StreamName): void {
    if (this.isEmpty) return;
    const spent = [...this.#spentOn()];
    const left = spent.filter((one) => !one.startsWith(`${server}/${stream} `));
    if (left.length < spent.length) this.#remember(left);
    const isKnown = this.#streams.delete(`${server}/${stream}`);
    if (this.#streams.delete(writtenKey(stream)) || isKnown) this.#changed();
  }

  /** The server does not answer: it may be starting, and what it has is not known. */
  lost(server: string): void {
    const gone = [...this.#streams.keys()].filter((key) => key.startsWith(`${server}/`));
    for (const key of gone) this.#streams.delete(key);
    if (gone.length > 0) this.#changed();
  }

  has(server: string, stream: StreamName): boolean {
    return this.#streams.has(`${server}/${stream}`);
  }

  /** False for a while after the server refused to have the stream at this address. */
  mayTry(server: string, stream: StreamName, to: IpAddress, now: Duration): boolean {
    const known = this.#streams.get(`${server}/${stream}`);
    return known?.to !== to || now - known.triedAt >= RETRY;
  }

  /** What the Frigate of a document is to be restarted for, because its own go2rtc starts with it; nothing before the document has the address. */
  needsOf(document: ReadDocument): readonly RestartNeed[] {
    return [...this.#streams].flatMap(([key, { stream, from, to }]) =>
      from !== undefined && this.#restarts(key, document.target.name) && !this.#isSpent(key, to) && isWritten(document, stream, to)
        ? [{ camera: stream, section: "stream", from, to } as const]
        : [],
    );
  }

  /** A restart is asked for because of these. */
  spend(document: ReadDocument, needs: readonly RestartNeed[], now: Duration): void {
    const own = this.#ports.servers.filter((server) => server.document === document.target.name);
    const streams = needs.filter(({ section }) => section === "stream");
    const spent = own.flatMap(({ name }) => streams.map(({ camera, to }) => `${name}/${camera} ${to}`));
    if (spent.length === 0) return;
    this.#spentAt = now;
    this.#remember([...this.#spentOn(), ...spent]);
  }

  /** Whether the server of this key is the go2rtc within the Frigate of this document. */
  #restarts(key: string, document: TargetName): boolean {
    return this.#ports.servers.some((server) => server.document === document && key.startsWith(`${server.name}/`));
  }

  #isSpent(key: string, to: IpAddress): boolean {
    return this.#spentOn().has(`${key} ${to}`);
  }

  #spentOn(): ReadonlySet<string> {
    this.#spent ??= keptTexts(this.#ports.registry.consents, SPENT);
    return this.#spent;
  }

  #remember(spent: readonly string[]): void {
    this.#spent = new Set(spent.slice(-MOST_SPENT));
    keepTexts(this.#ports.registry.consents, SPENT, this.#spent);
  }

  #documentOf(stream: StreamName): ReadDocument | undefined {
    return this.#ports.fleet.documents.find(({ reading }) => reading.streams.some(({ name }) => name === stream));
  }

  #changed(): void {
    this.#show(false);
    this.#ports.onChange();
  }

  /** @param isVain where a restart of Frigate was long enough ago to have helped */
  #show(isVain: boolean): void {
    const { fleet, status, restarted, servers } = this.#ports;
    for (const document of fleet.documents) {
      const { name, place } = document.target;
      const isByFrigate = restarted.has(name) && servers.some((server) => server.document === name);
      const waiting = [...this.#streams].filter(
        ([key, one]) =>
          one.document === name && isWritten(document, one.stream, one.to) && (!isByFrigate || (isVain && this.#isSpent(key, one.to))),
      );
      const streams = [...new Set(waiting.map(([, { stream }]) => stream))].join(", ");
      const subject = `target/${name}/go2rtc`;
      if (streams !== "") {
        const message = `go2rtc takes the new address of ${streams} from ${place} only when it starts`;
        status.set(subject, "problem", "ServerRestartNeeded", message);
      } else if (status.get(subject)?.reason === "ServerRestartNeeded")
        status.set(subject, "ok", "Healthy", `go2rtc has the cameras' present addresses`);
    }
  }
}

/** The address in a stream's sources that its camera left, as far as go2rtc shows them. */
export function heldAt({ producers }: StreamState, to: IpAddress, former: ReadonlySet<IpAddress>): IpAddress | undefined {
  return shownAt(producers).find((address) => address !== to && former.has(address));
}

/** Whether go2rtc shows the stream at the address. */
export function isAt({ producers }: StreamState, address: IpAddress): boolean {
  return shownAt(producers).includes(address);
}

function shownAt(producers: StreamState["producers"]): readonly IpAddress[] {
  return producers.flatMap(({ url }) => urlsOf(url).flatMap(({ host }) => parseIp(host) ?? []));
}

function isWritten({ reading }: ReadDocument, stream: StreamName, to: IpAddress): boolean {
  return reading.streams.some(({ name, sources }) => name === stream && sources.some(({ address }) => address === to));
}

/** Of no server. */
function writtenKey(stream: StreamName): string {
  return `\u0000/${stream}`;
}
