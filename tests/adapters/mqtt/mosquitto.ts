import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished } from "vitest";

export interface User {
  readonly name: string;
  readonly password: string;
  /** Lines of Mosquitto's access list, such as `topic readwrite base/#`. */
  readonly access: readonly string[];
}

/** A real Mosquitto of its own on this machine, with passwords and an access list. */
export interface Mosquitto {
  readonly port: number;
  /** What it logged. */
  readonly log: () => string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Gives a user another password from the next start on. */
  setPassword(name: string, password: string): Promise<void>;
}

/** Starts it; it is gone at the end of the test. @param more further lines of its configuration */
export async function startMosquitto(users: readonly User[], more: readonly string[] = []): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), "mosquitto-"));
  const port = await freePort();
  const passwords = join(folder, "passwords");
  const setPassword = async (name: string, password: string): Promise<void> => {
    await execa("mosquitto_passwd", ["-b", passwords, name, password], { timeout: 10_000 });
  };
  await writeFile(passwords, "", { mode: 0o600 });
  for (const { name, password } of users) await setPassword(name, password);
  const access = join(folder, "access");
  await writeFile(access, users.flatMap(({ name, access: lines }) => [`user ${name}`, ...lines]).join("\n"), { mode: 0o600 });
  const configuration = join(folder, "mosquitto.conf");
  await writeFile(
    configuration,
    [
      `listener ${String(port)} 127.0.0.1`,
      "allow_anonymous false",
      `password_file ${passwords}`,
      `acl_file ${access}`,
      "persistence false",
      "log_type all",
      // Started by root it would become a user who cannot read these files.
      ...(process.getuid?.() === 0 ? ["user root"] : []),
      ...more,
      "",
    ].join("\n"),
  );
  let end: () => Promise<void> = () => Promise.resolve();
  let log = "";
  const start = async (): Promise<void> => {
    const process = execa("/usr/sbin/mosquitto", ["-c", configuration], { reject: false, all: true, buffer: false });
    process.all.on("data", (chunk: Buffer) => (log += chunk.toString()));
    end = async () => {
      process.kill("SIGTERM");
      await process;
    };
    await expect.poll(() => answers(port), { timeout: 10_000, interval: 20 }).toBe(true);
  };
  const stop = (): Promise<void> => end();
  await start();
  onTestFinished(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });
  return { port, log: () => log, start, stop, setPassword };
}

export interface Proxy {
  readonly port: number;
  /** Every connection is broken off. */
  cut(): void;
}

/** A way to a port that can be cut. @param isLetThrough sees the first bytes of each connection; `false` has it answered by `answer` and closed */
export async function proxyTo(
  port: number,
  isLetThrough: (first: Buffer) => boolean = () => true,
  answer = Buffer.alloc(0),
): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    near.once("data", (first) => {
      if (!isLetThrough(first)) return void near.end(answer);
      const far = connect({ port, host: "127.0.0.1" });
      keep(far);
      far.write(first);
      near.pipe(far).pipe(near);
      far.on("close", () => near.destroy());
      near.on("close", () => far.destroy());
    });
  });
  const at = await listening(server);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: at, cut };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  const is = await new Promise<boolean>((resolve) => {
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
  });
  socket.destroy();
  return is;
}
