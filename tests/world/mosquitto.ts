import { pbkdf2Sync, randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { part } from "../parts.ts";
import { start, type Program } from "./programs.ts";
import { eventually } from "./waiting.ts";

export interface MosquittoOptions {
  /** For its files; made where it is missing. */
  readonly folder: string;
  /** Default 1883. */
  readonly port?: number;
  /** Default: `owner` and `shepherd`, each with a password of its own. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of an access list as in mosquitto.conf(5), `acl_file`. Undefined: every user may do everything. */
  readonly access?: readonly string[];
  /** More lines of its configuration. */
  readonly more?: readonly string[];
}

/** A real broker that asks for a name and a password. */
export interface Mosquitto extends AsyncDisposable {
  readonly port: number;
  /** `mqtt://127.0.0.1:PORT` */
  readonly url: string;
  readonly users: Readonly<Record<string, string>>;
  /** The last 5,000 lines that it wrote. */
  readonly log: readonly string[];
  /** Ends it and starts it anew: what was retained is gone, as is usual in a container without a volume, unless `more` says `persistence true`. */
  restart(): Promise<void>;
  /** Ends it; `restart` brings it back. */
  down(): Promise<void>;
  stop(): Promise<void>;
}

const LINES_KEPT = 5000;

/** Starts Mosquitto out of the Debian that Home Assistant Core runs in. */
export async function startMosquitto(options: MosquittoOptions): Promise<Mosquitto> {
  const port = options.port ?? 1883;
  const users = options.users ?? { owner: `canary-${crypto.randomUUID()}`, shepherd: `canary-${crypto.randomUUID()}` };
  const log: string[] = [];
  await mkdir(options.folder, { recursive: true });
  const write = async (name: string, lines: readonly string[]): Promise<string> => {
    const file = join(options.folder, name);
    await writeFile(file, `${lines.join("\n")}\n`);
    await chmod(file, 0o600);
    return file;
  };
  const passwords = await write(
    "passwords",
    Object.entries(users).map(([user, password]) => `${user}:${passwordHash(password)}`),
  );
  const access = options.access === undefined ? undefined : await write("access", options.access);
  const configuration = await write("mosquitto.conf", [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous false",
    `password_file ${passwords}`,
    ...(access === undefined ? [] : [`acl_file ${access}`]),
    "user root",
    "log_type all",
    "log_dest stdout",
    ...(options.more ?? ["persistence false"]),
  ]);
  const onLine = (line: string): void => {
    log.push(line);
    if (log.length > LINES_KEPT) log.shift();
  };
  const launch = async (): Promise<Program> => {
    const program = start(join(part("home-assistant", "2026.11.0"), "mosquitto"), ["-c", configuration], { onLine, onComplaint: onLine });
    await eventually("Mosquitto", () => (program.assertRunning(), listens(port)));
    return program;
  };
  let program = await launch();
  const stop = async (): Promise<void> => program.stop();
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    users,
    log,
    restart: async () => {
      await program.stop();
      program = await launch();
    },
    down: stop,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A line of Mosquitto's password file: PBKDF2 with SHA-512, as `mosquitto_passwd` makes it (lib/password_mosq.c of eclipse-mosquitto/mosquitto). */
function passwordHash(password: string): string {
  const rounds = 101;
  const salt = randomBytes(12);
  return `$7$${rounds}$${salt.toString("base64")}$${pbkdf2Sync(password, salt, rounds, 64, "sha512").toString("base64")}`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
