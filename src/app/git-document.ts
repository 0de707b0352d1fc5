import { createHash } from "node:crypto";
import { join } from "node:path";
import { frigateDocument } from "../adapters/frigate/document.ts";
import { GitTarget } from "../adapters/git/git-target.ts";
import { Git } from "../adapters/git/git.ts";
import { systemRandom } from "../adapters/system/random.ts";
import type { Options } from "../config/options.ts";
import { maskCredentials } from "../domain/mask.ts";
import { nestedDocument } from "../domain/nested-document.ts";
import type { Clock } from "../ports/clock.ts";
import type { TargetFact, TargetName } from "../ports/config-target.ts";
import type { Pipeline } from "../ports/pipeline.ts";
import type { Processes } from "../ports/processes.ts";
import { pullRequestsOf } from "./git-pull-requests.ts";
import { pipelineFacts } from "./pipelines.ts";

export interface GitDocumentSettings {
  /** Variables that Frigate sees, as far as they are known here. */
  readonly environment: ReadonlyMap<string, string>;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly pipelines: readonly Pipeline[];
  /** What else is to be said of how a commit comes into use. */
  readonly examine?: ((signal: AbortSignal) => Promise<readonly TargetFact[]>) | undefined;
  /** `data_dir`: the copy of the repository is kept below it, and may be deleted at any time. */
  readonly folder: string;
}

/** Frigate's document in a Git repository. */
export function gitTarget(
  name: TargetName,
  options: NonNullable<Options["frigate"][number]["git"]>,
  { environment, processes, clock, folder, pipelines, examine }: GitDocumentSettings,
): GitTarget {
  const { url, branch, path, key, username, token, ssh_key: sshKey, known_hosts: knownHosts, signing_key: signingKey } = options;
  // Another repository or branch under the same name has a copy of its own.
  const copy = createHash("sha256").update(`${name}\n${url}\n${branch}`).digest("hex").slice(0, 12);
  const git = new Git({
    processes,
    folder: join(folder, "git", copy),
    access: {
      ...(username === undefined ? {} : { username }),
      ...(token === undefined ? {} : { token: token.reveal() }),
      ...(sshKey === undefined ? {} : { sshKey }),
      ...(knownHosts === undefined ? {} : { knownHosts }),
    },
    author: { name: options.author, email: options.author_email },
  });
  return new GitTarget({
    name,
    url,
    shownUrl: maskCredentials(url),
    branch,
    path,
    ...(key === undefined ? {} : { key }),
    format: nestedDocument(frigateDocument({ environment }), key),
    git,
    clock,
    random: systemRandom,
    pace: { reread: options.reread, gather: options.gather },
    pullRequests: pullRequestsOf(name, options, git, clock),
    examine: async (signal) => [...(await pipelineFacts(pipelines, signal)), ...((await examine?.(signal)) ?? [])],
    ...(signingKey === undefined ? {} : { signingKey }),
  });
}
