import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { backoffDelay, type BackoffPolicy } from "../../runtime/backoff.ts";
import type { DocumentFormat } from "../../domain/document.ts";
import { type Duration, milliseconds, seconds } from "../../domain/duration.ts";
import type { Clock, Random } from "../../ports/clock.ts";
import {
  type ChangeNote,
  type ConfigTarget,
  type Revision,
  TargetError,
  type TargetFact,
  type TargetName,
  type TargetText,
  type WriteOutcome,
} from "../../ports/config-target.ts";
import { commitMessage } from "./commit-message.ts";
import { gitError, lastWords } from "./git-errors.ts";
import type { Git } from "./git.ts";
import { Proposals } from "./proposals.ts";
import type { PullRequests } from "./pull-requests.ts";
import { pushOutcome } from "./push-outcome.ts";

/** So often a push that somebody else's overtook is made anew. */
const MOST_PUSHES = 5;
const AGAIN: BackoffPolicy = { initial: milliseconds(225), factor: 2, max: seconds(4), jitter: 0.6 };
/** A document in Git is a text of at most this many bytes. */
const LARGEST = 1_000_000;

export interface GitTargetSettings {
  readonly name: TargetName;
  readonly url: string;
  /** For a person: without credentials. */
  readonly shownUrl: string;
  readonly branch: string;
  readonly path: string;
  /** The text that is meant where the file holds several. */
  readonly key?: string;
  readonly format: DocumentFormat;
  readonly git: Git;
  readonly clock: Clock;
  readonly random: Random;
  readonly pace: { readonly reread: Duration; readonly gather: Duration };
  /** A private key that commits are signed with (gpg.format ssh). */
  readonly signingKey?: string;
  /** What becomes of a commit that the branch does not take; a text: nothing, and what a person may do about that. */
  readonly pullRequests: PullRequests | string;
  /** How what brings the branch into use is. */
  readonly examine?: (signal: AbortSignal) => Promise<readonly TargetFact[]>;
}

/** The document as it stands at the tip of the branch. */
interface Tip {
  readonly commit: string;
  readonly mode: string;
  readonly read: TargetText;
}

/**
 * A document in a Git repository. Of the repository only the newest commit's trees and this document are fetched, and nothing is checked out. A write
 * is one commit on top of the branch as it is, pushed without force: the server's refusal of a push that is not on top is the compare-and-swap. A
 * refused commit is made anew on what came in between, as long as that left the document alone.
 */
export class GitTarget implements ConfigTarget {
  readonly name: TargetName;
  readonly format: DocumentFormat;
  readonly place: string;
  readonly pace: { readonly reread: Duration; readonly gather: Duration };
  readonly #settings: GitTargetSettings;
  #turn: Promise<unknown> = Promise.resolve();
  #prepared = false;
  #tip: Tip | undefined;
  readonly #proposals: Proposals;

  constructor(settings: GitTargetSettings) {
    this.name = settings.name;
    this.format = settings.format;
    this.place = placeOf(settings);
    this.pace = settings.pace;
    this.#settings = settings;
    this.#proposals = new Proposals({ place: this.place, clock: settings.clock, pullRequests: settings.pullRequests });
  }

  read(signal: AbortSignal): Promise<TargetText> {
    return this.#inTurn(async () => (await this.#look(signal)).read);
  }

  write(text: string, expected: Revision, signal: AbortSignal, note?: ChangeNote): Promise<WriteOutcome> {
    return this.#inTurn(() => this.#replace(text, expected, signal, note));
  }

  async settled(signal: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      await this.#prepare(signal);
      await this.#proposals.withdraw(signal);
    });
  }

  /** Asks the server whether a push would be taken, without pushing. */
  async checkWritable(signal: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      const tip = await this.#look(signal);
      const pushed = await this.#settings.git.tryPush(["origin", `${tip.commit}:${this.#ref}`], signal);
      if (pushed.exitCode !== 0) throw gitError(this.place, pushed.stderr);
    });
  }

  async examine(signal: AbortSignal): Promise<readonly TargetFact[]> {
    // What would be pushed is asked for with the newest commit.
    await this.read(signal);
    return [await this.#proposals.examine(signal), ...((await this.#settings.examine?.(signal)) ?? [])];
  }

  get #ref(): string {
    return `refs/heads/${this.#settings.branch}`;
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #replace(text: string, expected: Revision, signal: AbortSignal, note: ChangeNote | undefined): Promise<WriteOutcome> {
    const { clock, random } = this.#settings;
    for (let push = 1; ; push += 1) {
      const tip = await this.#look(signal);
      if (tip.read.revision !== expected) return { kind: "stale", current: tip.read };
      if (tip.read.text === text) return { kind: "written", revision: expected };
      const known = this.#proposals.recall(tip.commit, text);
      if (known !== undefined) return known;
      const commit = await this.#commit(tip, text, commitMessage(note), signal);
      const result = await this.#settings.git.run(["push", "--porcelain", "--no-verify", "origin", `${commit}:${this.#ref}`], signal);
      const outcome = pushOutcome(result);
      if (outcome === "taken") {
        const read = { text, revision: revisionOf(text, expected) };
        await this.#git(["update-ref", "refs/shepherd/base", commit], signal);
        this.#tip = { ...tip, commit, read };
        return { kind: "written", revision: read.revision };
      }
      const error = gitError(this.place, `${result.stderr}\n${result.stdout}`);
      // Whoever may not write at all may still propose.
      const mayPropose = error.reason === "GitReadOnly" && typeof this.#settings.pullRequests !== "string";
      if (outcome === "protected" || (outcome === "refused" && mayPropose))
        return this.#proposals.propose(
          { commit, base: tip.commit, note, before: tip.read.text, after: text },
          lastWords(result.stdout + result.stderr),
          signal,
        );
      if (outcome === "refused") throw error;
      if (push >= MOST_PUSHES)
        throw new TargetError("GitUnreachable", `${this.place} changes faster than a commit can be pushed; it is tried again`);
      await clock.wait("push again", backoffDelay(AGAIN, push, random), signal);
    }
  }

  /** The branch as the server has it now. */
  async #look(signal: AbortSignal): Promise<Tip> {
    signal.throwIfAborted();
    await this.#prepare(signal);
    const listed = await this.#git(["ls-remote", "origin", this.#ref], signal);
    const commit = /^[0-9a-f]{40,64}/.exec(listed)?.[0];
    if (commit === undefined)
      throw this.#without(
        "GitBranchMissing",
        `there is no branch ${this.#settings.branch} in ${this.#settings.shownUrl}; correct git.branch`,
      );
    if (this.#tip?.commit === commit) return this.#tip;
    const filter = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--filter=blob:none"];
    await this.#git([...filter, "origin", `+${this.#ref}:refs/shepherd/base`], signal);
    const fetched = (await this.#git(["rev-parse", "refs/shepherd/base"], signal)).trim();
    this.#tip = await this.#readAt(fetched, signal);
    return this.#tip;
  }

  async #readAt(commit: string, signal: AbortSignal): Promise<Tip> {
    const { path } = this.#settings;
    const entry = /^(\d+) (\w+) ([0-9a-f]+)\t/.exec(await this.#git(["ls-tree", "-z", "--full-tree", commit, "--", path], signal));
    const [, mode = "", type, id = ""] = entry ?? [];
    if (entry === null) throw this.#without("DocumentMissing", `${this.place} is not there; correct git.path, or create it`);
    if (type !== "blob" || mode === "120000")
      throw this.#without(
        "DocumentUnreadable",
        `${this.place} is a ${type === "blob" ? "symbolic link" : "folder"}; name the file itself in git.path`,
      );
    if (this.#tip?.read.revision === id) return { ...this.#tip, commit, mode };
    const text = await this.#git(["cat-file", "blob", id], signal);
    // What was not UTF-8, or longer than is read, has another digest now.
    if (text.length > LARGEST || revisionOf(text, id as Revision) !== id)
      throw this.#without(
        "DocumentUnreadable",
        `${this.place} is no UTF-8 text of at most ${String(LARGEST / 1_000_000)} MB; save it as one`,
      );
    return { commit, mode, read: { text, revision: id as Revision } };
  }

  async #commit(tip: Tip, text: string, message: string, signal: AbortSignal): Promise<string> {
    const { git, path, signingKey } = this.#settings;
    const blob = (await this.#git(["hash-object", "-w", "--stdin"], signal, { input: text })).trim();
    await rm(git.index, { force: true });
    const call = { index: git.index };
    await this.#git(["read-tree", tip.commit], signal, call);
    await this.#git(["update-index", "--cacheinfo", `${tip.mode},${blob},${path}`], signal, call);
    const tree = (await this.#git(["write-tree", "--missing-ok"], signal, call)).trim();
    const signing = signingKey === undefined ? [] : ["-c", "gpg.format=ssh", "-c", `user.signingkey=${signingKey}`];
    const sign = signingKey === undefined ? [] : ["-S"];
    return (await this.#git([...signing, "commit-tree", tree, "-p", tip.commit, ...sign, "-F", "-"], signal, { input: message })).trim();
  }

  async #prepare(signal: AbortSignal): Promise<void> {
    if (this.#prepared) return;
    await this.#git(["init", "--quiet", "--bare"], signal);
    for (const [key, value] of [
      ["remote.origin.url", this.#settings.url],
      ["remote.origin.promisor", "true"],
      ["remote.origin.partialclonefilter", "blob:none"],
      ["core.repositoryformatversion", "1"],
      ["extensions.partialclone", "origin"],
    ] as const)
      await this.#git(["config", key, value], signal);
    this.#prepared = true;
  }

  /** @throws TargetError where git ends with an error */
  async #git(args: readonly string[], signal: AbortSignal, call?: { readonly input?: string; readonly index?: string }): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#settings.git.run(args, signal, call);
    if (exitCode !== 0) throw gitError(this.place, stderr);
    return stdout;
  }

  #without(reason: TargetError["reason"], message: string): TargetError {
    this.#tip = undefined;
    return new TargetError(reason, message);
  }
}

/** The name that git gives these bytes, in the kind of digest that the repository has (gitformat-loose: `blob LENGTH NUL` and the bytes). */
function revisionOf(text: string, like: Revision): Revision {
  const bytes = Buffer.from(text, "utf8");
  const digest = createHash(like.length === 64 ? "sha256" : "sha1");
  return digest
    .update(`blob ${String(bytes.length)}\0`)
    .update(bytes)
    .digest("hex") as Revision;
}

/** Two texts in one file are two places. */
function placeOf({ key, path, branch, shownUrl }: GitTargetSettings): string {
  return `${key === undefined ? "" : `${key} in `}${path} on ${branch} of ${shownUrl}`;
}
