import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TargetError } from "../../ports/config-target.ts";
import type { Finished, Processes } from "../../ports/processes.ts";
import { ProgramMissing } from "../../ports/processes.ts";

/** What a repository asks for before it lets somebody in. Nothing of it ever stands in an argument list. */
export interface GitAccess {
  /** For HTTPS. GitHub takes any name with a token, GitLab `oauth2`, Forgejo the user's own. */
  readonly username?: string;
  readonly token?: string;
  /** Path of a private key, and of the file that pins the server's own keys. */
  readonly sshKey?: string;
  readonly knownHosts?: string;
}

export interface GitSettings {
  readonly processes: Processes;
  /** Folder of ours for everything: the repository, and the two small programs that git asks for a password and a connection. */
  readonly folder: string;
  readonly access: GitAccess;
  /** Who commits. */
  readonly author: { readonly name: string; readonly email: string };
}

export interface GitCall {
  readonly input?: string;
  readonly index?: string;
}

/** git asks this program for a user name and a password; it takes them from the environment (gitcredentials(7), GIT_ASKPASS). */
const ASKPASS = `#!/bin/sh
case "$1" in
  Username*) printf '%s\\n' "$CAMERA_SHEPHERD_GIT_USERNAME" ;;
  *) printf '%s\\n' "$CAMERA_SHEPHERD_GIT_TOKEN" ;;
esac
`;

/** git starts this program for a connection by SSH (git(1), GIT_SSH): one key, and only servers whose key is known. */
const SSH = `#!/bin/sh
exec ssh -i "$CAMERA_SHEPHERD_SSH_KEY" -F /dev/null -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=15 \\
  -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$CAMERA_SHEPHERD_KNOWN_HOSTS" -o GlobalKnownHostsFile=/dev/null "$@"
`;

/** No hooks of anybody's, no tidying up behind our back, no transport that runs programs. */
const SETTINGS = [
  "core.hooksPath=/dev/null",
  "gc.auto=0",
  "maintenance.auto=false",
  "protocol.ext.allow=never",
  "credential.helper=",
  "http.lowSpeedLimit=1",
  "http.lowSpeedTime=30",
];

/** The git program, for one repository of ours: nothing of the machine's or the user's configuration, never a question at a terminal. */
export class Git {
  readonly #settings: GitSettings;
  #ready: Promise<void> | undefined;

  constructor(settings: GitSettings) {
    this.#settings = settings;
  }

  get repository(): string {
    return join(this.#settings.folder, "repository.git");
  }

  /** A path of ours for an index that is made for one commit. */
  get index(): string {
    return join(this.#settings.folder, "index");
  }

  /**
   * Runs git in the repository of ours; an exit code is a value.
   * @throws TargetError where there is no git; the signal's reason when aborted
   */
  async run(args: readonly string[], signal: AbortSignal, call: GitCall = {}): Promise<Finished> {
    await (this.#ready ??= this.#prepare());
    const { processes } = this.#settings;
    const settings = SETTINGS.flatMap((setting) => ["-c", setting]);
    try {
      return await processes.run(
        {
          file: "git",
          args: [...settings, `--git-dir=${this.repository}`, ...args],
          env: this.#environment(call.index),
          ...(call.input === undefined ? {} : { input: call.input }),
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof ProgramMissing)) throw error;
      throw new TargetError("GitMissing", "the program git is not here; install it, or choose another way to the document", {
        cause: error,
      });
    }
  }

  /**
   * Asks the server whether it would take a push, without pushing. git may be ended by a broken pipe there: the server has nothing to read and may have left
   * before git says its last word (seen in one of 90 with git 2.39.5 under load). So what was ended without a word is asked again, twice at most.
   * @throws as `run`
   */
  async tryPush(args: readonly string[], signal: AbortSignal): Promise<Finished> {
    const ask = (): Promise<Finished> => this.run(["push", "--porcelain", "--dry-run", ...args], signal);
    const isCutOff = ({ exitCode, stderr }: Finished): boolean => exitCode === undefined && stderr === "";
    let finished = await ask();
    for (let left = 2; left > 0 && isCutOff(finished); left -= 1) finished = await ask();
    return finished;
  }

  async #prepare(): Promise<void> {
    const { folder } = this.#settings;
    await mkdir(this.repository, { recursive: true, mode: 0o700 });
    for (const [name, text] of [
      ["askpass", ASKPASS],
      ["ssh", SSH],
    ] as const) {
      const path = join(folder, name);
      await writeFile(path, text, { mode: 0o700 });
      await chmod(path, 0o700);
    }
  }

  #environment(index: string | undefined): Readonly<Record<string, string>> {
    const { folder, access, author } = this.#settings;
    const { username = "camera-shepherd", token, sshKey, knownHosts } = access;
    return {
      HOME: folder,
      LC_ALL: "C",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
      GIT_ASKPASS: join(folder, "askpass"),
      GIT_SSH: join(folder, "ssh"),
      GIT_SSH_VARIANT: "ssh",
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.email,
      ...(token === undefined ? {} : { CAMERA_SHEPHERD_GIT_USERNAME: username, CAMERA_SHEPHERD_GIT_TOKEN: token }),
      ...(sshKey === undefined ? {} : { CAMERA_SHEPHERD_SSH_KEY: sshKey, CAMERA_SHEPHERD_KNOWN_HOSTS: knownHosts ?? "/dev/null" }),
      ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    };
  }
}
