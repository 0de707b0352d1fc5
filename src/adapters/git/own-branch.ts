import { TargetError } from "../../ports/config-target.ts";
import { gitError } from "./git-errors.ts";
import type { Git } from "./git.ts";

/** How the program's branch stands on the server. */
export interface OwnTip {
  readonly commit: string;
  /** The document's name in git as it stands there; undefined where it is not there. */
  readonly document: string | undefined;
}

/** Where the copy keeps the newest commit of the branch that is looked after. */
export const READ = "refs/shepherd/base";

export interface OwnBranchSettings {
  readonly git: Git;
  readonly name: string;
  readonly path: string;
  /** For a person. */
  readonly place: string;
  /** Whose commits may be overwritten. */
  readonly email: string;
}

/** A branch that is the program's alone: the only one that is ever pushed with force, and only over commits of its own. */
export class OwnBranch {
  readonly #settings: OwnBranchSettings;

  constructor(settings: OwnBranchSettings) {
    this.#settings = settings;
  }

  get name(): string {
    return this.#settings.name;
  }

  get #ref(): string {
    return `refs/heads/${this.#settings.name}`;
  }

  /** @throws TargetError */
  async exists(signal: AbortSignal): Promise<boolean> {
    return (await this.#git(["ls-remote", "origin", this.#ref], signal)) !== "";
  }

  /** The branch on the server, its newest commit fetched. @throws TargetError, also where the newest commit is somebody else's */
  async look(signal: AbortSignal): Promise<OwnTip | undefined> {
    if (!(await this.exists(signal))) return undefined;
    // With its parent: a commit of ours that were fetched alone would have none here either, and could not be pushed to a branch any more.
    const filter = ["fetch", "--quiet", "--depth=2", "--no-tags", "--no-write-fetch-head", "--filter=blob:none"];
    await this.#git([...filter, "origin", `+${this.#ref}:refs/shepherd/own`], signal);
    const [commit = "", email = ""] = (await this.#git(["log", "-1", "--format=%H %ce", "refs/shepherd/own"], signal)).trim().split(" ");
    if (email !== this.#settings.email)
      throw new TargetError(
        "PullRequestRefused",
        `somebody else committed to ${this.name} at ${this.#settings.place}, and that is not overwritten: merge it, or delete the branch`,
      );
    return { commit, document: await this.documentAt(commit, signal) };
  }

  /** @throws TargetError */
  async documentAt(commit: string, signal: AbortSignal): Promise<string | undefined> {
    const listed = await this.#git(["ls-tree", "-z", "--full-tree", commit, "--", this.#settings.path], signal);
    return /^\d+ blob ([0-9a-f]+)\t/.exec(listed)?.[1];
  }

  /**
   * Makes the branch this commit, if it still is at `known`.
   * @param options of the push (git-push(1), --push-option)
   * @returns what the server said
   * @throws TargetError
   */
  async put(commit: string, known: OwnTip | undefined, options: readonly string[], signal: AbortSignal): Promise<string> {
    const lease = `--force-with-lease=${this.#ref}:${known?.commit ?? ""}`;
    const said = options.flatMap((option) => ["--push-option", option]);
    return this.#git(["push", "--porcelain", "--no-verify", lease, ...said, "origin", `${commit}:${this.#ref}`], signal, true);
  }

  /** Whether a push of the newest commit that was read would be taken with options, without pushing. @throws TargetError */
  async tryPut(option: string, signal: AbortSignal): Promise<void> {
    const args = ["--force", "--push-option", option, "origin", `${READ}:${this.#ref}`];
    const { exitCode, stdout, stderr } = await this.#settings.git.tryPush(args, signal);
    if (exitCode === 0) return;
    if (/does not support push options/i.test(stderr))
      throw new TargetError(
        "PullRequestRefused",
        `${this.#settings.place} takes no push options: set git.pull_request to the kind of server`,
      );
    throw gitError(`${this.name} at ${this.#settings.place}`, `${stderr}\n${stdout}`);
  }

  /** @throws TargetError */
  async delete(known: OwnTip, signal: AbortSignal): Promise<void> {
    const lease = `--force-with-lease=${this.#ref}:${known.commit}`;
    await this.#git(["push", "--porcelain", "--no-verify", lease, "origin", `:${this.#ref}`], signal);
  }

  async #git(args: readonly string[], signal: AbortSignal, withErrors = false): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#settings.git.run(args, signal);
    if (exitCode !== 0) throw gitError(`${this.name} at ${this.#settings.place}`, `${stderr}\n${stdout}`);
    return withErrors ? `${stdout}\n${stderr}` : stdout;
  }
}
