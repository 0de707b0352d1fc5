import type { Finished } from "../../ports/processes.ts";

/** What a server made of a push: `overtaken`: somebody else's came first; `protected`: it wants another way to this branch. */
export type PushOutcome = "taken" | "overtaken" | "protected" | "refused";

/** How GitHub, GitLab, Forgejo, Gitea, Bitbucket and plain hooks say that a branch takes no direct push. */
const PROTECTED =
  /protected branch|GH006|GH013|rule violations|not allowed to push code to protected|branch is protected|pre-receive hook declined|hook declined|push declined|Changes must be made through a pull request|PR is required/i;

/** git push --porcelain prints one line a ref: `FLAG TAB FROM:TO TAB SUMMARY (REASON)` (git-push(1), OUTPUT). */
export function pushOutcome({ exitCode, stdout, stderr }: Finished): PushOutcome {
  if (exitCode === 0) return "taken";
  const line = stdout.split("\n").find((candidate) => candidate.startsWith("!\t")) ?? "";
  if (/\[rejected\]|\((?:non-fast-forward|fetch first|stale info)\)|cannot lock ref|failed to update ref|incorrect old value/i.test(line))
    return "overtaken";
  if (line !== "" && PROTECTED.test(`${line}\n${stderr}`)) return "protected";
  return "refused";
}
