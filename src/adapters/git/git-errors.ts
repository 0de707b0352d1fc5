import { maskCredentials } from "../../domain/mask.ts";
import { TargetError, type TargetReason } from "../../ports/config-target.ts";

/** What git and the servers behind it say, and what it means here. The first that fits. */
const MEANINGS: readonly (readonly [RegExp, TargetReason, (place: string) => string])[] = [
  [
    /Host key verification failed|No .* host key is known|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    "GitHostKeyUnknown",
    (place) =>
      `the key of the server of ${place} is not the one in git.known_hosts; compare it with what the server's owner publishes, and add it there`,
  ],
  [
    /Permission denied \(publickey|Authentication failed|invalid credentials|could not read (?:Username|Password)|HTTP Basic: Access denied|requested URL returned error: 401|invalid username or password/i,
    "GitRefusesLogin",
    (place) => `${place} refuses the token or key; give one that may read and write there (git.token, or git.ssh_key)`,
  ],
  [
    /requested URL returned error: 403|marked as read only|deploy key .*read|Permission to .* denied|not allowed to push|write access to repository not granted|denied to/i,
    "GitReadOnly",
    (place) => `${place} lets this token or key read and not write; give it write permission, or set git.pull_request`,
  ],
  [
    /couldn't find remote ref|Remote branch .* not found/i,
    "GitBranchMissing",
    (place) => `the branch of ${place} is not there; correct git.branch, or create it`,
  ],
  [
    /repository .* not found|does not appear to be a git repository|requested URL returned error: 404|Repository not found/i,
    "GitRepositoryMissing",
    (place) => `there is no repository for ${place}, or none that this token or key may see; correct git.url, or give it permission`,
  ],
  [
    /Could not resolve host|Connection refused|Connection timed out|Network is unreachable|Couldn't connect|Failed to connect|Connection reset|early EOF|unexpected disconnect|Operation timed out|Operation too slow|No route to host|requested URL returned error: 5\d\d|hung up unexpectedly|Could not read from remote repository/i,
    "GitUnreachable",
    (place) => `${place} does not answer; it is tried again`,
  ],
];

/** What git said as one error that names the place and the remedy. */
export function gitError(place: string, stderr: string): TargetError {
  for (const [pattern, reason, words] of MEANINGS) if (pattern.test(stderr)) return new TargetError(reason, words(place));
  return new TargetError("GitRefused", `git failed at ${place}: ${lastWords(stderr)}`);
}

/** The line of git's that says most, without credentials. */
export function lastWords(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => line !== "" && !/^(?:hint:|To |error: failed to push|Everything up-to-date)/.test(line));
  return maskCredentials(said.slice(-2).join("; ")).slice(0, 400) || "it said nothing";
}
