import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { dump } from "js-yaml";
import { FIRST_CERTIFICATE, type ServerCertificate } from "./certificates.ts";
import { plainPort, type Port, tlsPort } from "./ports.ts";
import { maskedConfig, record, text, type RunningConfig, runningConfig } from "./running.ts";
import { parseDocument, validator } from "./validate.ts";
import { type FrigateTraits, type FrigateVersion, traitsOf } from "./versions.ts";

export interface FakeFrigateSettings {
  readonly version: FrigateVersion;
  readonly text: string;
  /** Where absent: the version's own. */
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly certificate?: ServerCertificate;
  /** In the place of 5000; any free one where absent. */
  readonly port?: number;
}

/** What a call answers with. */
interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who calls, as nginx passes it on. */
interface Known {
  readonly name: string;
  readonly role: string;
}

interface User {
  readonly password: string;
  readonly role: string;
}

/** nginx keeps answers for this long, in milliseconds (nginx.conf, proxy_cache_valid). */
const CACHED = 5000;

/** A Frigate that is spoken to over HTTP as the real one of its version; what it does is in `facts` of tests/fakes/fake-frigate/fake-frigate.test.ts. */
export class FakeFrigate {
  readonly traits: FrigateTraits;
  readonly users = new Map<string, User>([
    ["admin", { password: "canary-frigate-admin", role: "admin" }],
    ["viewer", { password: "canary-frigate-viewer", role: "viewer" }],
  ]);
  /** The document's bytes; undefined where it is missing. */
  bytes: Buffer | undefined;
  running: RunningConfig;
  /** Streams of its go2rtc, by name. */
  readonly streams = new Map<string, readonly string[]>();
  /** What go2rtc shows instead of a stream's bare sources: while somebody watches it. */
  readonly watched = new Map<string, Readonly<Record<string, unknown>>>();
  /** What `GET /api/stats` shows. */
  stats: Readonly<Record<string, unknown>> = { cameras: {} };
  authEnabled = true;
  /** `auth.failed_login_rate_limit` is reached. */
  tooManyLogins = false;
  /** Milliseconds that validating takes before the file is written. */
  validating = 0;
  /** Milliseconds between emptying and filling the file. */
  filling = 1;
  /** Runs when a save has begun, before the text is validated. */
  whileSaving: () => void = () => undefined;
  /** Runs at each call, before it is answered. */
  onCall: (url: string) => void = () => undefined;
  /** Runs while the file is emptied and not yet filled. */
  whileEmpty: () => void = () => undefined;
  /** Runs right after a text was written, before the call is answered. */
  afterWriting: () => void = () => undefined;
  restarts = 0;
  /** Every call: port, method, path with query, and the body. */
  readonly calls: {
    readonly port: number;
    readonly method: string;
    readonly url: string;
    readonly body: string;
    readonly user: string | undefined;
  }[] = [];
  readonly #settings: FakeFrigateSettings;
  readonly #validate: (text: string) => string | undefined;
  readonly #tokens = new Map<string, string>();
  readonly #cache = new Map<string, { readonly reply: Reply; readonly at: number }>();
  #plain: Port | undefined;
  #tls: Port | undefined;

  constructor(settings: FakeFrigateSettings) {
    this.#settings = settings;
    this.traits = traitsOf(settings.version);
    this.#validate = validator(settings.schema ?? this.traits.schema);
    this.bytes = Buffer.from(settings.text, "utf8");
    this.running = { cameras: {} };
  }

  /** Opens both ports and starts on the document. */
  async start(): Promise<void> {
    this.reload();
    this.#plain = await plainPort((request, body, response) => void this.#answer(5000, request, body, response), this.#settings.port);
    this.#tls = await tlsPort(
      (request, body, response) => void this.#answer(8971, request, body, response),
      this.#settings.certificate ?? FIRST_CERTIFICATE,
    );
  }

  async stop(): Promise<void> {
    await Promise.all([this.#plain?.close(), this.#tls?.close()]);
  }

  /** It is not there for a while: nobody listens on its port 5000. */
  async pause(): Promise<void> {
    const number = this.#plain?.number ?? 0;
    await this.#plain?.close();
    this.resume = async () => {
      this.#plain = await plainPort((request, body, response) => void this.#answer(5000, request, body, response), number);
    };
  }

  /** It is back after a pause. */
  resume: () => Promise<void> = () => Promise.resolve();

  /** The same Frigate on the same ports with another certificate. */
  async renewCertificate(certificate: ServerCertificate): Promise<void> {
    const number = this.#tls?.number ?? 0;
    await this.#tls?.close();
    this.#tls = await tlsPort((request, body, response) => void this.#answer(8971, request, body, response), certificate, number);
  }

  /** Every connection ends in the middle of what it does. */
  breakOff(): void {
    this.#plain?.breakOff();
    this.#tls?.breakOff();
  }

  /** Its port 5000, which asks for no login. */
  get url(): string {
    return `http://127.0.0.1:${this.#plain?.number ?? 0}`;
  }

  /** Its port 8971: login and TLS. */
  get secureUrl(): string {
    return `https://127.0.0.1:${this.#tls?.number ?? 0}`;
  }

  get text(): string {
    return this.bytes?.toString("utf8") ?? "";
  }

  /** A person saves the document in Frigate's editor, or by any other program. */
  edit(text: string): void {
    this.bytes = Buffer.from(text, "utf8");
  }

  /** Every session ends. */
  endSessions(): void {
    this.#tokens.clear();
  }

  /** Starts anew on the document as it is now. */
  reload(): void {
    const invalid = this.#validate(this.text) !== undefined;
    const { hasSafeMode } = this.traits;
    if (invalid && hasSafeMode) this.running = { cameras: {}, safe_mode: true };
    else this.running = { ...runningConfig(this.text, this.#settings.environment ?? {}), ...(hasSafeMode ? { safe_mode: false } : {}) };
  }

  async #answer(port: 5000 | 8971, request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const url = request.url ?? "";
    const method = request.method ?? "";
    const user = port === 5000 ? { name: "anonymous", role: "admin" } : this.#userOf(request);
    this.calls.push({ port, method, url, body, user: user?.name });
    this.onCall(url);
    const reply = await this.#reply(port, request, url, method, body, user);
    response.writeHead(reply.status, { "content-type": reply.type ?? "application/json", ...reply.headers });
    response.end(reply.body);
  }

  #userOf(request: IncomingMessage): Known | undefined {
    if (!this.authEnabled) return { name: "viewer", role: "viewer" };
    const cookie = /frigate_token=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? cookie;
    const name = token === undefined ? undefined : this.#tokens.get(token);
    const user = name === undefined ? undefined : this.users.get(name);
    return name === undefined || user === undefined ? undefined : { name, role: user.role };
  }

  async #reply(port: number, request: IncomingMessage, url: string, method: string, body: string, user: Known | undefined): Promise<Reply> {
    const { pathname, searchParams } = new URL(url, "http://frigate");
    if (pathname === "/api/login" && method === "POST") return this.#login(body);
    if (user === undefined) return { status: 401, body: "<html><title>401 Authorization Required</title></html>", type: "text/html" };
    const key = `${port} ${url} ${user.role}`;
    const cached = this.#cache.get(key);
    if (
      method === "GET" &&
      request.headers["x-cache-bypass"] === undefined &&
      cached !== undefined &&
      performance.now() - cached.at < CACHED
    )
      return cached.reply;
    const reply = await this.#route(pathname, searchParams, method, body, user);
    if (method === "GET" && reply.status === 200) this.#cache.set(key, { reply, at: performance.now() });
    return reply;
  }

  async #route(path: string, query: URLSearchParams, method: string, body: string, user: Known): Promise<Reply> {
    const admin = !this.traits.hasRoles || user.role === "admin";
    const stream = /^\/api\/go2rtc\/streams\/([^/]+)$/.exec(path)?.[1];
    if (method === "GET" && path === "/api/version") return { status: 200, body: this.traits.version, type: "text/plain" };
    if (method === "GET" && path === "/api/config") return json(200, maskedConfig(this.running));
    if (method === "GET" && path === "/api/config/raw") return this.traits.rawNeedsAdmin && !admin ? forbidden() : this.#raw();
    if (method === "GET" && path === "/api/config/schema.json") return json(200, this.#settings.schema ?? this.traits.schema);
    if (method === "GET" && path === "/api/profile")
      return json(200, { username: user.name, ...(this.traits.hasRoles ? { role: user.role } : {}) });
    if (method === "GET" && path === "/api/stats") return json(200, this.stats);
    if (method === "GET" && path === "/api/go2rtc/streams") return json(200, this.#streamList());
    if (!["POST", "PUT"].includes(method)) return json(404, { detail: "Not Found" });
    if (!admin) return forbidden();
    if (method === "POST" && path === "/api/config/save") return this.#save(body);
    if (method === "PUT" && path === "/api/config/set") return this.#set(query, body);
    if (method === "POST" && path === "/api/restart") return this.#restart();
    if (method === "PUT" && stream !== undefined && this.traits.putsStreams)
      return this.#putStream(decodeURIComponent(stream), query.get("src"));
    return json(404, { detail: "Not Found" });
  }

  #login(body: string): Reply {
    if (!this.authEnabled) return json(404, { message: "Authentication is disabled" });
    if (this.tooManyLogins) return json(429, { error: "Rate limit exceeded" });
    const { user, password } = record(JSON.parse(body));
    const known = typeof user === "string" ? this.users.get(user) : undefined;
    if (known === undefined || known.password !== password) return json(401, { message: "Login failed" });
    const token = `e30.${Buffer.from(randomUUID()).toString("base64url")}.c2ln`;
    this.#tokens.set(token, String(user));
    return { status: 200, body: "", headers: { "set-cookie": `frigate_token=${token}; HttpOnly; Path=/; SameSite=lax` } };
  }

  /** As Python reads a file in text mode: UTF-8, and every line end becomes LF. */
  #raw(): Reply {
    if (this.bytes === undefined) return json(404, { success: false, message: "Could not find file" });
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes).replaceAll(/\r\n?/g, "\n");
    } catch {
      return { status: 500, body: "Internal Server Error", type: "text/plain" };
    }
    return { status: 200, body: this.traits.rawIsJson ? JSON.stringify(text) : text, type: "text/plain" };
  }

  /** Validates, then empties and fills the file; no lock, no look at what is there meanwhile. */
  async #save(body: string): Promise<Reply> {
    if (body === "") return json(400, { success: false, message: "Config with body param is required" });
    const wrong = this.#validate(body);
    this.whileSaving();
    await pause(this.validating);
    const help = "Your configuration is invalid.\nSee the official documentation at docs.frigate.video.\n\n";
    if (wrong !== undefined) return json(400, { success: false, message: `${help}${wrong}` });
    if (this.bytes === undefined)
      return json(400, {
        success: false,
        message: "Could not write config file, be sure that Frigate has write permission on the config file.",
      });
    this.bytes = Buffer.alloc(0);
    this.whileEmpty();
    await pause(this.filling);
    this.bytes = Buffer.from(body, "utf8");
    this.afterWriting();
    return json(200, { success: true, message: "Config successfully saved." });
  }

  #set(query: URLSearchParams, body: string): Reply {
    const given = this.#setBody(body);
    if (given === undefined) return json(422, { detail: [{ type: "missing", loc: ["body"], msg: "Field required" }] });
    // An index that is not the last part is an IndexError (frigate/util/builtin.py).
    for (const key of query.keys()) if (/\.\d+\./.test(key)) return { status: 500, body: "Internal Server Error", type: "text/plain" };
    const data = record(record(given["config_data"])["cameras"]);
    if (!this.traits.setTakesData || Object.keys(data).length === 0)
      return json(400, { success: false, message: "No configuration data provided" });
    const live = this.traits.setsLive && given["skip_save"] === true;
    if (!live) this.#rewrite(data);
    const topic = text(given["update_topic"]);
    if (topic.endsWith("/onvif") && !this.traits.setsLive) return { status: 500, body: "Internal Server Error", type: "text/plain" };
    if (this.traits.setsLive) for (const [name, camera] of Object.entries(data)) this.#apply(name, record(camera));
    return json(200, { success: true, message: live ? "Config applied in-memory" : "Config successfully updated" });
  }

  #setBody(body: string): Record<string, unknown> | undefined {
    try {
      return record(JSON.parse(body));
    } catch {
      return this.traits.setNeedsBody ? undefined : {};
    }
  }

  /** Frigate's own writer: everything is formatted anew. */
  #rewrite(cameras: Record<string, unknown>): void {
    const document = record(parseDocument(this.text));
    const mine = record(document["cameras"]);
    for (const [name, camera] of Object.entries(cameras)) {
      const merged = record(mine[name]);
      for (const [section, value] of Object.entries(record(camera))) merged[section] = { ...record(merged[section]), ...record(value) };
      mine[name] = merged;
    }
    this.edit(dump({ ...document, cameras: mine }));
  }

  #apply(name: string, camera: Record<string, unknown>): void {
    const running = this.running.cameras[name];
    if (running === undefined) return;
    const fresh = runningConfig(JSON.stringify({ cameras: { [name]: camera } }), this.#settings.environment ?? {}).cameras[name];
    if (fresh === undefined) return;
    if ("ffmpeg" in camera) running.ffmpeg = fresh.ffmpeg;
    if ("onvif" in camera) running.onvif = { ...running.onvif, host: fresh.onvif.host };
  }

  #restart(): Reply {
    this.restarts += 1;
    this.reload();
    return json(200, { success: true, message: "Restarting (this can take up to one minute)..." });
  }

  /** As go2rtc lists them, which Frigate passes on with its own masks (go2rtc internal/streams/api.go, frigate/api/camera.py). */
  #streamList(): Readonly<Record<string, unknown>> {
    const idle = [...this.streams].map(
      ([name, sources]) =>
        [name, { producers: sources.map((url) => ({ url: url.replace(/:\/\/.+:.+@/, "://*:*@") })), consumers: null }] as const,
    );
    return { ...Object.fromEntries(idle), ...Object.fromEntries(this.watched) };
  }

  #putStream(name: string, source: string | null): Reply {
    if (source === null) return json(422, { detail: [{ type: "missing", loc: ["query", "src"], msg: "Field required" }] });
    if (/^(?:exec|echo|expr):/.test(source)) return json(400, { success: false, message: "Stream source is restricted" });
    this.streams.set(name, [source]);
    return json(200, { success: true, message: "Stream added successfully" });
  }
}

function json(status: number, body: unknown): Reply {
  return { status, body: JSON.stringify(body) };
}

function forbidden(): Reply {
  return json(403, { detail: "Access denied. A user with the admin role is required." });
}
