import type { OptionFiles } from "../config/option-files.ts";
import type { Options } from "../config/options.ts";
import { type Duration, minutes, seconds } from "../domain/duration.ts";
import { frigateNames, type InstalledApp } from "../domain/frigate-apps.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Consents } from "../ports/consents.ts";
import type { Status } from "../ports/status.ts";
import { backoffDelay, DEFAULT_BACKOFF } from "../runtime/backoff.ts";
import { type AppDocuments, fileOf, type FrigateApp, isUndescribed, lookedAfter } from "./frigate-apps.ts";
import { keepFrigates, knownFrigates, learnFrigates } from "./known-frigates.ts";

/** The Supervisor logs each question. It is asked often only while the machine may still be starting, or something is about to be decided. */
const SOON = seconds(15);
const SOON_FOR = minutes(10);
const CALM = minutes(5);
/** An app that is updated or restarted is away for so long; only what lasts is a change. */
const LASTS = minutes(2);

export interface WatchedFrigatesParts {
  readonly options: Pick<Options, "frigate">;
  readonly files: Pick<OptionFiles, "read">;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly memory: Pick<Consents, "fact" | "saveFact">;
  /** Every installed app; undefined where the Supervisor does not tell. @throws the signal's reason when aborted */
  readonly ask: (signal: AbortSignal) => Promise<readonly InstalledApp[] | undefined>;
  /** The Frigates that the program was put together for; undefined where the Supervisor did not tell. */
  readonly found: readonly FrigateApp[] | undefined;
  /** Those of them that are looked after, by the document's name. */
  readonly apps: AppDocuments["apps"];
}

/**
 * Watches the Frigates among the apps of Home Assistant: says of one that it does not run, and sees when the program must be put together anew. One that is
 * stopped stays what it is; only that one was installed, came to run, was removed or took another's place is a change, or that a configuration is elsewhere.
 */
export class WatchedFrigates {
  readonly #parts: WatchedFrigatesParts;
  /** Since when each Frigate does not run: monotonic. */
  readonly #stopped = new Map<string, Duration>();
  readonly #ran = new Set<string>();
  #differsSince: Duration | undefined;

  constructor(parts: WatchedFrigatesParts) {
    this.#parts = parts;
  }

  /** Resolves when a change has lasted for two minutes. @throws the signal's reason when aborted */
  async changed(signal: AbortSignal): Promise<void> {
    const { clock, random, found, ask } = this.#parts;
    const started = clock.monotonic();
    let failures = found === undefined ? 1 : 0;
    let isDue = true;
    for (;;) {
      const isEarly = clock.monotonic() - started < SOON_FOR;
      const pause = failures > 0 ? backoffDelay(DEFAULT_BACKOFF, failures + 1, random) : isDue ? SOON : CALM;
      await clock.wait("look which Frigates run", pause, signal);
      const installed = await ask(signal);
      failures = installed === undefined ? failures + 1 : 0;
      if (installed === undefined) continue;
      if (await this.#isChanged(installed, signal)) return;
      const isSaid = this.#differsSince === undefined && this.#say(installed, isEarly);
      const isAwaited = isEarly && (found ?? []).some(({ slug }) => !this.#ran.has(slug));
      isDue = !isSaid || isAwaited || (isEarly && found?.length === 0 && this.#isOpen);
    }
  }

  /** Whether a Frigate that nobody described is among the options. */
  get #isOpen(): boolean {
    return this.#parts.options.frigate.some(isUndescribed);
  }

  async #isChanged(installed: readonly InstalledApp[], signal: AbortSignal): Promise<boolean> {
    const { options, found, memory, clock } = this.#parts;
    const known = knownFrigates(memory);
    const { slugs, replaced } = lookedAfter(options.frigate, installed, [...known.keys()]);
    if (found === undefined) return this.#isOpen || slugs.length > 0;
    const wanted = slugs.filter((slug) => !replaced.includes(slug));
    if (isSame(wanted, found) && (await this.#isWhereItWas(found, signal))) {
      this.#differsSince = undefined;
      learnFrigates(memory, found, installed);
      return false;
    }
    this.#differsSince ??= clock.monotonic();
    if (found.length > 0 && clock.monotonic() - this.#differsSince < LASTS) return false;
    const names = frigateNames(wanted, known);
    keepFrigates(
      memory,
      wanted.map((slug) => ({ slug, name: names.get(slug) ?? slug })),
    );
    return true;
  }

  /** A Frigate that was just installed makes its configuration when it starts for the first time; a person may rename it. */
  async #isWhereItWas(found: readonly FrigateApp[], signal: AbortSignal): Promise<boolean> {
    const each = found.map(async ({ slug, file }) => (await fileOf(slug, this.#parts.files, signal)) === file);
    return (await Promise.all(each)).every((same) => same);
  }

  /** @returns false while it is too early to say of one that it does not run: this program starts before them */
  #say(installed: readonly InstalledApp[], isEarly: boolean): boolean {
    const { apps, status, clock } = this.#parts;
    let isSaid = true;
    for (const [name, { slug }] of apps) {
      const subject = `target/${name}/app`;
      if (installed.some((app) => app.slug === slug && app.isRunning)) {
        this.#ran.add(slug);
        this.#stopped.delete(slug);
        if (status.get(subject)?.status === "problem") status.set(subject, "ok", "Healthy", `Home Assistant's app ${slug} runs`);
        continue;
      }
      const since = this.#stopped.get(slug) ?? clock.monotonic();
      this.#stopped.set(slug, since);
      const isSure = clock.monotonic() - since >= LASTS && (this.#ran.has(slug) || !isEarly);
      if (isSure) status.set(subject, "problem", "FrigateStopped", `Home Assistant's app ${slug} does not run; its cameras stay known`);
      isSaid &&= isSure;
    }
    return isSaid;
  }
}

function isSame(wanted: readonly string[], found: readonly FrigateApp[]): boolean {
  return wanted.length === found.length && found.every(({ slug }) => wanted.includes(slug));
}
