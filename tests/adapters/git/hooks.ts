import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "./repository.ts";

async function hook(repository: Repository, name: string, text: string): Promise<void> {
  const path = join(repository.folder, "home.git", "hooks", name);
  await writeFile(path, text);
  await chmod(path, 0o755);
}

/** `main` takes commits of people alone, as a server with branch protection has it; every push of the program is counted. */
export async function protect(repository: Repository): Promise<void> {
  const pushes = join(repository.folder, "pushes");
  await hook(
    repository,
    "update",
    `#!/bin/sh
case "$(git log -1 --format=%an "$3" 2>/dev/null)" in
  "Camera Shepherd") echo "$1" >>"${pushes}" ;;
  *) exit 0 ;;
esac
[ "$1" != refs/heads/main ] && exit 0
echo "error: GH006: Protected branch update failed for refs/heads/main." >&2
exit 1
`,
  );
}

/** A server that reads GitLab's push options. @returns those of the last push that had some */
export async function gitLabHook(repository: Repository): Promise<() => Promise<readonly string[]>> {
  const file = join(repository.folder, "options");
  await repository.git("config", "receive.advertisePushOptions", "true");
  await hook(
    repository,
    "post-receive",
    `#!/bin/sh
[ "\${GIT_PUSH_OPTION_COUNT:-0}" -gt 0 ] || exit 0
: >"${file}"
index=0
while [ "$index" -lt "$GIT_PUSH_OPTION_COUNT" ]; do
  eval "printf '%s\\n' \\"\\$GIT_PUSH_OPTION_$index\\"" >>"${file}"
  index=$((index + 1))
done
echo "View merge request for camera-shepherd/frigate:" >&2
echo "  https://git.example.org/home/cluster/-/merge_requests/7" >&2
`,
  );
  return async () => (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
}

export interface AgitProposal {
  readonly ref: string;
  readonly commit: string;
  readonly topic?: string;
  readonly title?: string;
  readonly description?: string;
  readonly force?: string;
}

/** A server that takes pushes to `refs/for/BRANCH` (githooks(5), proc-receive; what Gitea's services/agit/agit.go asks for). */
export async function agitHook(repository: Repository): Promise<() => Promise<readonly AgitProposal[]>> {
  const file = join(repository.folder, "proposals");
  await repository.git("config", "receive.advertisePushOptions", "true");
  await repository.git("config", "--add", "receive.procReceiveRefs", "refs/for");
  await hook(
    repository,
    "proc-receive",
    `#!${process.execPath}
const { appendFileSync, readSync, writeSync } = require("node:fs");
function exactly(count) {
  const bytes = Buffer.alloc(count);
  for (let at = 0; at < count; ) {
    const read = readSync(0, bytes, at, count - at, null);
    if (read === 0) process.exit(0);
    at += read;
  }
  return bytes;
}
function packet() {
  const length = parseInt(exactly(4).toString(), 16);
  return length === 0 ? undefined : exactly(length - 4).toString();
}
function packets() {
  const all = [];
  for (let one = packet(); one !== undefined; one = packet()) all.push(one.replace(/\\n$/, ""));
  return all;
}
function send(text) {
  writeSync(1, text === undefined ? "0000" : (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text);
}
packets();
send("version=1\\0push-options\\n");
send(undefined);
const commands = packets();
const options = Object.fromEntries(packets().map((one) => [one.split("=")[0], one.slice(one.indexOf("=") + 1)]));
for (const command of commands) {
  const [, commit, ref] = command.split(" ");
  if (options.topic === undefined) {
    send("ng " + ref + " topic-branch is not set\\n");
    continue;
  }
  const { topic, title, description } = options;
  appendFileSync(${JSON.stringify(file)}, JSON.stringify({ ref, commit, topic, title, description, force: options["force-push"] }) + "\\n");
  process.stderr.write("Visit the existing pull request:\\n  https://git.example.org/home/cluster/pulls/3\\n");
  send("ok " + ref + "\\n");
}
send(undefined);
`,
  );
  return async () =>
    (await readFile(file, "utf8"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as AgitProposal);
}
