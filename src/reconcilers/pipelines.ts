import { nameOf } from "../domain/camera.ts";
import { type DocumentReading, DocumentError } from "../domain/document.ts";
import { between, type Duration, type Instant, instant, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { type RestartNeed, restartNeeds } from "../domain/restart-needs.ts";
import type { RestartLimits } from "../domain/restart-policy.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { type ConfigTarget, TargetError, type TargetName } from "../ports/config-target.ts";
import { type Pipeline, PipelineError } from "../ports/pipeline.ts";
import type { Registry } from "../ports/registry.ts";
import { FrigateError, type RunningFrigate } from "../ports/running-frigate.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay } from "../runtime/backoff.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import { PipedRestarts } from "./piped-restarts.ts";
import { notUp, usesWords } from "./restart-words.ts";
import { whereaboutsOf } from "./whereabouts.ts";

/** Flux looks every minute to every hour by itself, Argo CD every three minutes; then Frigate's pod has to start. */
const BOUND = minutes(15);
const SOON = seconds(5);
const CALM = minutes(1);
/** 5 s, doubling to 5 min: what is asked for comes by itself all the same. */
const RETRY = { initial: seconds(5), factor: 2, max: minutes(5), jitter: 0.25 };

/** A document that something else brings into use. */
export interface PipedDocument {
  readonly name: TargetName;
  /** Who is asked to do it at once; nobody: it is waited for. */
  readonly pipelines: readonly Pipeline[];
  /** The Frigate that it is for, where its address is known. */
  readonly frigate?: RunningFrigate;
  /** The document as that Frigate has it, or will have it once it starts anew. */
  readonly delivered?: ConfigTarget;
  /** It is restarted from here where nothing else does that once the document has arrived. */
  readonly isRestarted?: true;
}

export interface PipelinesPorts {
  readonly piped: readonly PipedDocument[];
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly dryRun: boolean;
  readonly limits: RestartLimits;
  /** Frigates that a person restarts. */
  readonly never: ReadonlySet<TargetName>;
}

/** What is awaited of one document: monotonic times. */
interface Awaited {
  readonly since: Duration;
  /** Pipelines that were not asked yet. */
  readonly toAsk: Set<Pipeline>;
  attempts: number;
}

/** How far a change has come. */
type Reached =
  | { readonly kind: "used" }
  /** It has not arrived there, or Frigate does not tell. */
  | { readonly kind: "short" | "unseen"; readonly where: string; readonly remedy: string }
  /** It has arrived, and nothing restarts Frigate. */
  | { readonly kind: "unused"; readonly where: string; readonly remedy: string; readonly needs: readonly RestartNeed[] };

/**
 * Brings into use what stands in a repository: asks whoever does that to do it at once, and looks whether Frigate runs with it. Only since when it waits
 * is kept: a change that an earlier run pushed is seen by the addresses that Frigate still uses.
 */
export class Pipelines implements Reconciler<TargetName> {
  readonly name = "pipeline";
  readonly #ports: PipelinesPorts;
  readonly #awaited = new Map<TargetName, Awaited>();
  /** Every camera was looked at in this run: what is not known now of where they are will not be known later. */
  #isLooked = false;
  readonly #restarts: PipedRestarts;

  constructor(ports: PipelinesPorts) {
    this.#ports = ports;
    this.#restarts = new PipedRestarts(ports);
  }

  /** Whether the document is one that something else brings into use. */
  has(name: TargetName): boolean {
    return this.#ports.piped.some((piped) => piped.name === name);
  }

  /** A commit was pushed. */
  noteWritten(name: TargetName): void {
    const piped = this.#ports.piped.find((candidate) => candidate.name === name);
    if (piped === undefined) return;
    this.#keep(piped, this.#ports.clock.now());
    this.#await(piped);
  }

  /** Every camera was looked at. */
  noteLooked(): void {
    this.#isLooked = true;
  }

  /** True while somebody is still to be asked for the first time, or Frigate is being restarted. */
  pending(): boolean {
    if (this.#restarts.pending()) return true;
    return [...this.#awaited.values()].some(({ toAsk, attempts }) => toAsk.size > 0 && attempts === 0);
  }

  async reconcile(name: TargetName, signal: AbortSignal): Promise<Outcome> {
    const piped = this.#ports.piped.find((candidate) => candidate.name === name);
    const document = this.#ports.fleet.documents.find(({ target }) => target.name === name);
    if (piped === undefined || this.#ports.dryRun) return {};
    const known = this.#awaited.get(name);
    const isLate = known !== undefined && this.#ports.clock.monotonic() - known.since >= BOUND;
    // One that is late may never answer, and this look be over before: that it is late is said first.
    if (known !== undefined && !isLate) await this.#ask(known, signal);
    if (document === undefined || piped.frigate === undefined) return this.#blind(piped, known, signal);
    const reached = await this.#reached(piped, piped.frigate, document.reading, signal);
    if (reached.kind === "used") return this.#used(piped, piped.frigate);
    if (reached.kind === "unseen" && known === undefined && this.#kept(piped) === undefined) return { requeueAfter: CALM };
    if (known === undefined) {
      // It came into the repository otherwise: by an earlier run, or as a pull request that a person merged.
      this.#await(piped);
      return { requeueAfter: milliseconds(1) };
    }
    const restart = reached.kind === "unused" ? await this.#restarts.consider(piped.frigate, document, reached.needs, signal) : undefined;
    const message = `${reached.where}; ${restart ?? "the commit is in the repository"}`;
    if (isLate) {
      this.#ports.status.set(`target/${name}/pipeline`, "problem", "PipelineLate", `${message}: ${reached.remedy}`);
      await this.#askLate(known, signal);
      throw new Waiting("PipelineLate", CALM, `${message}: ${reached.remedy}`);
    }
    this.#ports.status.set(`target/${name}/pipeline`, "unknown", "WaitingForPipeline", message);
    return { requeueAfter: SOON };
  }

  /** It counts from when an earlier run of the program began to wait, where that is known. */
  #await(piped: PipedDocument): void {
    const { clock } = this.#ports;
    const now = clock.now();
    const kept = this.#kept(piped);
    if (kept === undefined) this.#keep(piped, now);
    const waited = kept === undefined ? 0 : Math.max(0, between(kept, now));
    const since = milliseconds(clock.monotonic() - waited);
    this.#awaited.set(piped.name, { since, toAsk: new Set(piped.pipelines), attempts: 0 });
  }

  #kept(piped: PipedDocument): Instant | undefined {
    const { consents } = this.#ports.registry;
    const saved = consents.fact(factOf(this.#placeOf(piped))) ?? consents.fact(factOf(piped.name)) ?? "";
    return saved === "" ? undefined : instant(Number(saved));
  }

  /** @param since undefined: nothing is awaited any more */
  #keep(piped: PipedDocument, since: Instant | undefined): void {
    if (this.#kept(piped) === since) return;
    const { consents } = this.#ports.registry;
    // By its name it was kept by an earlier version; another document may have that name some day.
    if ((consents.fact(factOf(piped.name)) ?? "") !== "") consents.saveFact(factOf(piped.name), "");
    consents.saveFact(factOf(this.#placeOf(piped)), since === undefined ? "" : String(since));
  }

  /** It stays when the name changes. */
  #placeOf({ name }: PipedDocument): string {
    return this.#ports.fleet.targets.find((target) => target.name === name)?.place ?? name;
  }

  /** @throws Waiting where one could not be asked: it is asked again */
  async #ask(awaited: Awaited, signal: AbortSignal): Promise<void> {
    for (const pipeline of awaited.toAsk) {
      try {
        await pipeline.trigger(signal);
        awaited.toAsk.delete(pipeline);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PipelineError)) throw error;
        awaited.attempts += 1;
        throw new Waiting(error.reason, backoffDelay(RETRY, awaited.attempts, this.#ports.random), error.message, { cause: error });
      }
    }
  }

  /** As `#ask`; but that it is not there is less than that it is late. */
  async #askLate(awaited: Awaited, signal: AbortSignal): Promise<void> {
    try {
      await this.#ask(awaited, signal);
    } catch (error) {
      if (!(error instanceof Waiting) || error.reason !== "PipelineUnreachable") throw error;
    }
  }

  /** Nothing more can be seen from here. */
  async #blind(piped: PipedDocument, known: Awaited | undefined, signal: AbortSignal): Promise<Outcome> {
    if (known !== undefined) await this.#ask(known, signal);
    return this.#asked(piped);
  }

  #asked({ name, pipelines }: PipedDocument): Outcome {
    if (this.#awaited.delete(name)) {
      const who = pipelines.map(({ place }) => place).join(" and ");
      const message =
        who === "" ? "the commit is brought into use as the repository is looked at" : `${who} was asked to bring the commit into use`;
      this.#ports.status.set(`target/${name}/pipeline`, "ok", "Healthy", `${message}; name frigate.url to have that seen`);
    }
    return {};
  }

  #used(piped: PipedDocument, { place }: RunningFrigate): Outcome {
    const { name } = piped;
    const { status, fleet } = this.#ports;
    this.#restarts.forget(name);
    // At the start of a run nothing is known yet of where cameras are, and everything seems right.
    if (this.#awaited.has(name) || this.#isLooked || fleet.devices.every(({ id }) => fleet.settled(id) !== undefined))
      this.#keep(piped, undefined);
    if (this.#awaited.delete(name) || status.get(`target/${name}/pipeline`) !== undefined)
      status.set(`target/${name}/pipeline`, "ok", "Healthy", `Frigate at ${place} runs with the cameras' present addresses`);
    return { requeueAfter: CALM };
  }

  async #reached(piped: PipedDocument, frigate: RunningFrigate, reading: DocumentReading, signal: AbortSignal): Promise<Reached> {
    const { fleet, registry } = this.#ports;
    const stale = await this.#stale(piped, reading, signal);
    if (stale !== undefined && stale.length > 0)
      return {
        kind: "short",
        where: `${whereWords(piped, frigate)} still has a document with the former address of ${stale.join(", ")}`,
        remedy: "nothing has brought it there; look at what Flux or Argo CD says of it",
      };
    try {
      const state = await frigate.state(signal);
      if (state.safeMode) {
        const remedy = "read its log; undo the change, or correct the document in the repository";
        return { kind: "unseen", where: notUp(frigate, state).message, remedy };
      }
      const needs = restartNeeds(reading, state.cameras, (owner) => whereaboutsOf(fleet, registry, owner));
      if (needs.length === 0) return { kind: "used" };
      const remedy = "restart it, and let its pod be restarted with each change of its document (a checksum annotation, or Reloader)";
      const isOurs = piped.isRestarted === true && stale !== undefined && state.restartsAlone !== true;
      return isOurs ? { kind: "unused", where: usesWords(needs), remedy, needs } : { kind: "short", where: usesWords(needs), remedy };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FrigateError) && !(error instanceof TargetError)) throw error;
      return { kind: "unseen", where: error.message, remedy: "see to it that Frigate runs and can be asked, or leave frigate.url away" };
    }
  }

  /** What the running document has stale; undefined where it cannot be seen: not every role may see it. */
  async #stale({ delivered }: PipedDocument, reading: DocumentReading, signal: AbortSignal): Promise<readonly string[] | undefined> {
    if (delivered === undefined) return undefined;
    try {
      return this.#staleIn(delivered.format.read((await delivered.read(signal)).text), reading);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TargetError || error instanceof DocumentError || error instanceof FrigateError) return undefined;
      throw error;
    }
  }

  /** Cameras and streams whose former address the running document has, where the repository has the present one. */
  #staleIn(running: DocumentReading, reading: DocumentReading): readonly string[] {
    const { fleet, registry } = this.#ports;
    const stale = running.occurrences.flatMap(({ owners, address }) =>
      owners.filter((owner) => {
        const where = whereaboutsOf(fleet, registry, owner);
        if (where === undefined || address === undefined || address === where.address || !where.former.has(address)) return false;
        return reading.occurrences.some((occurrence) => occurrence.owners.includes(owner) && occurrence.address === where.address);
      }),
    );
    return [...new Set(stale.map(nameOf))];
  }
}

const factOf = (document: string): string => `pipeline awaited ${document}`;

function whereWords({ isRestarted, delivered }: PipedDocument, { place }: RunningFrigate): string {
  return isRestarted === true && delivered !== undefined ? delivered.place : `Frigate at ${place}`;
}
