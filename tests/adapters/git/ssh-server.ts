import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "../../free-port.ts";

export interface GitSshServer extends AsyncDisposable {
  url(path: string): string;
  /** Paths of private keys: one may write, one only read, one is nobody's. */
  readonly keys: { readonly write: string; readonly read: string; readonly stranger: string };
  /** Path of a file that pins the server's own key. */
  readonly knownHosts: string;
  /** A line that pins a key which the server does not have. */
  otherKey(): string;
}

const GATES = {
  write: `exec git-shell -c "$SSH_ORIGINAL_COMMAND"`,
  read: `case "$SSH_ORIGINAL_COMMAND" in
  "git-upload-pack "*) exec git-shell -c "$SSH_ORIGINAL_COMMAND" ;;
  *) echo "ERROR: The key you are authenticating with has been marked as read only." >&2; exit 1 ;;
esac`,
} as const;

/** OpenSSH's server on the loopback, as forges run it: a command for each key, and nothing but git (sshd(8), AUTHORIZED_KEYS: `restrict,command=`). */
export async function gitSshServer(folder: string): Promise<GitSshServer> {
  const key = (name: string): string => {
    const path = join(folder, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path]);
    return path;
  };
  const host = key("host");
  const other = key("other-host");
  const keys = { write: key("write"), read: key("read"), stranger: key("stranger") };
  const lines: string[] = [];
  for (const right of ["write", "read"] as const) {
    const gate = join(folder, `gate-${right}`);
    await writeFile(gate, `#!/bin/sh\n${GATES[right]}\n`);
    await chmod(gate, 0o755);
    lines.push(`restrict,command="${gate}" ${await readFile(`${keys[right]}.pub`, "utf8")}`);
  }
  const authorized = join(folder, "authorized");
  await writeFile(authorized, lines.join(""));
  const port = await freePort();
  const config = join(folder, "sshd_config");
  await writeFile(
    config,
    [
      `Port ${String(port)}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${host}`,
      `AuthorizedKeysFile ${authorized}`,
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "UsePAM no",
      "StrictModes no",
      "PermitRootLogin prohibit-password",
      "PidFile none",
      "AllowTcpForwarding no",
      "X11Forwarding no",
      "PrintMotd no",
      "AcceptEnv GIT_PROTOCOL",
      "",
    ].join("\n"),
  );
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", config], { stdio: "ignore" });
  await answering(port);
  const at = `[127.0.0.1]:${String(port)}`;
  const publicKey = async (path: string): Promise<string> => (await readFile(`${path}.pub`, "utf8")).split(" ").slice(0, 2).join(" ");
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, `${at} ${await publicKey(host)}\n`);
  const otherLine = `${at} ${await publicKey(other)}\n`;
  return {
    url: (path) => `ssh://${userInfo().username}@127.0.0.1:${String(port)}${path}`,
    keys,
    knownHosts,
    otherKey: () => otherLine,
    [Symbol.asyncDispose]: async () => {
      const ended = once(server, "exit");
      server.kill();
      await ended;
    },
  };
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const isUp = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
    socket.destroy();
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("sshd does not answer: is openssh-server installed?");
}
