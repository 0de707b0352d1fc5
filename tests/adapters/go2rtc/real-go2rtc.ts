import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../free-port.ts";
import { part } from "../../parts.ts";

export type Go2rtcVersion = "1.9.14" | "1.9.9";

export interface RealGo2rtcOptions {
  readonly version: Go2rtcVersion;
  /** YAML of the first file besides its listeners. */
  readonly config?: string;
  /** No file at all: everything is given inline. */
  readonly inline?: boolean;
}

/** A go2rtc of a test's own: free ports on loopback, its file in a folder that goes with it. */
export class RealGo2rtc {
  readonly url: string;
  readonly rtspPort: number;
  readonly configPath: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, apiPort: number, rtspPort: number) {
    this.#child = child;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${String(apiPort)}`;
    this.rtspPort = rtspPort;
    this.configPath = join(folder, "first.yaml");
  }

  static async start({ version, config = "", inline = false }: RealGo2rtcOptions): Promise<RealGo2rtc> {
    const folder = await mkdtemp(join(tmpdir(), "go2rtc-"));
    const [apiPort, rtspPort] = [await freePort(), await freePort()];
    const listeners = `{api: {listen: "127.0.0.1:${String(apiPort)}"}, rtsp: {listen: "127.0.0.1:${String(rtspPort)}"}, webrtc: {listen: ""}, srtp: {listen: ""}}`;
    const path = join(folder, "first.yaml");
    await writeFile(path, config);
    const args = inline ? ["-config", listeners, "-config", `{${config}}`] : ["-config", path, "-config", listeners];
    const child = spawn(part("go2rtc", version), args, { stdio: "ignore", cwd: folder });
    const server = new RealGo2rtc(child, folder, apiPort, rtspPort);
    await server.#ready();
    return server;
  }

  readConfig(): Promise<string> {
    return readFile(this.configPath, "utf8");
  }

  writeConfig(text: string): Promise<void> {
    return writeFile(this.configPath, text);
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.once("exit", () => resolve());
      this.#child.kill("SIGKILL");
      await promise;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const answer = await fetch(`${this.url}/api`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.status === 200 || answer?.status === 401) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await this.stop();
    throw new Error("go2rtc did not start");
  }
}
