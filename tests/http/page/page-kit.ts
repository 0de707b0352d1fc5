import { request } from "node:http";
import { listenHttp } from "../../../src/adapters/system/http-socket.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { createPage, type PageParts } from "../../../src/http/page/page-web.ts";
import { createHomeView } from "../../../src/reconcilers/home-view.ts";
import { FakeLog } from "../../fakes/fake-log.ts";
import type { FakeHome } from "../../reconcilers/fake-home.ts";

/** The address that the page believes Home Assistant's proxy to have. */
export const PROXY = "127.0.0.2";

export interface ServedPage extends AsyncDisposable {
  readonly port: number;
  readonly log: FakeLog;
}

/** The home's page on a free port, with real sockets and real time. */
export async function servePageOf(
  home: FakeHome,
  { host = "127.0.0.1", ...more }: { readonly host?: string } & Partial<PageParts> = {},
): Promise<ServedPage> {
  const { engine, registry, status, servers } = home;
  const [clock, log, stop] = [createSystemClock(), new FakeLog(), new AbortController()];
  const view = createHomeView({ engine, registry, status, servers: servers.map(({ name }) => name) });
  const web = createPage({ view, actions: engine.actions, version: "1.2.3", admitted: PROXY, clock, log, ...more }, stop.signal);
  const { port, ended } = await listenHttp(web, { host, port: 0 }, clock, stop.signal);
  return {
    port,
    log,
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error("over"));
      await ended;
    },
  };
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export interface PageAsked {
  readonly from?: string;
  readonly to?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** One request as Home Assistant's proxy makes it, or from another address. */
export async function askPage({ port }: Pick<ServedPage, "port">, path: string, asked: PageAsked = {}): Promise<PageAnswer> {
  const { from = PROXY, to = "127.0.0.1", form, headers = {} } = asked;
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type =
    body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded", "content-length": String(Buffer.byteLength(body)) };
  const method = asked.method ?? (body === undefined ? "GET" : "POST");
  const call = request({ host: to, port, path, method, localAddress: from, agent: false, headers: { ...type, ...headers } });
  call.end(body);
  return new Promise((resolve, reject) => {
    call.once("error", reject);
    call.once("response", (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(pieces).toString() }),
      );
    });
  });
}

/** What proves that a form was on the page. */
export async function proofOf(page: ServedPage): Promise<string> {
  const { text } = await askPage(page, "/");
  return /name="proof" value="([\w-]+)"/.exec(text)?.[1] ?? "";
}

/** Presses a button as a browser without scripts does, and gives the page that it is led to. */
export async function press(page: ServedPage, words: Readonly<Record<string, string>>): Promise<string> {
  const answer = await askPage(page, "/", { form: { ...words, proof: await proofOf(page) } });
  const { location } = answer.headers;
  if (answer.status !== 303 || typeof location !== "string") throw new Error(`answered ${String(answer.status)}: ${answer.text}`);
  return (await askPage(page, location.replace(/^\.\//, "/"))).text;
}

/** What the page says of the last press. */
export function saidOn(text: string): string {
  return /<div id="said"[^>]*>([^<]*)</.exec(text)?.[1]?.trim() ?? "";
}
