import { randomBytes, timingSafeEqual } from "node:crypto";
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from "express";
import { parseIp, parseMac } from "../../domain/addresses.ts";
import { isLoopback } from "../../domain/loopback.ts";
import { seconds } from "../../domain/duration.ts";
import { asError } from "../../domain/thrown.ts";
import type { Action, Actions } from "../../ports/actions.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HomeView } from "../../ports/home-view.ts";
import type { Log } from "../../ports/log.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";
import { RateLimit } from "../rate-limit.ts";
import { cameraPage } from "./camera-page.ts";
import { homePage } from "./home-page.ts";
import { BEHAVIOUR, STYLE } from "./looks.ts";
import { html, type Markup } from "./markup.ts";
import { page, type PageFrame, placeOf, type Said } from "./parts.ts";

export interface PageParts {
  readonly view: HomeView;
  readonly actions: Actions;
  readonly version: string;
  /** The one address that requests come from: Home Assistant's proxy, which has let a person in. This machine itself gets `/health` alone. */
  readonly admitted: string;
  readonly clock: Clock;
  readonly log: Log;
}

const LARGEST_FORM = 8 * 1024;
/** A person waits so long for an answer; what was begun goes on, for half of it would be worse than none. */
const ANSWER_WITHIN = seconds(10);
const EVIDENCE_SHOWN = 20;
/** What came of so many presses can still be shown. */
const WORDS_KEPT = 32;

/** The page as a web application, behind Home Assistant's ingress. It listens nowhere by itself. */
export function createPage(parts: PageParts, signal: AbortSignal): Express {
  const { view, actions, version, clock } = parts;
  const proof = randomBytes(24).toString("base64url");
  const words = new Map<string, Said>();
  const presses = new RateLimit({ clock, burst: 30, every: seconds(1), addresses: 4 });
  const web = express();
  web.disable("x-powered-by").disable("etag");
  web.set("query parser", "simple").set("case sensitive routing", true).set("strict routing", true);
  web.use(secured, admitting(parts.admitted));
  const frameOf = (request: Request): PageFrame => {
    const { said } = request.query;
    const known = typeof said === "string" ? words.get(said) : undefined;
    return { proof, here: `.${request.path}`, ...(known === undefined ? {} : { said: known }) };
  };
  web.get("/health", (_request, response) => void response.json({ status: "ok", version }));
  web.get("/page.css", (_request, response) => void response.type("text/css").send(STYLE));
  web.get("/page.js", (_request, response) => void response.type("text/javascript").send(BEHAVIOUR));
  web.get("/", (request, response) => show(response, 200, homePage(view, actions.verbs, frameOf(request))));
  web.get("/camera-:place", (request, response, next) => {
    const camera = view.cameras().find(({ id }) => placeOf(id) === request.params.place);
    if (camera === undefined) return next();
    show(response, 200, cameraPage(camera, view.evidence(camera.id, EVIDENCE_SHOWN), actions.verbs, frameOf(request)));
  });
  web.post(["/", "/camera-:place"], express.text({ type: () => true, limit: LARGEST_FORM, inflate: false }), async (request, response) => {
    const form = new URLSearchParams(typeof request.body === "string" ? request.body : "");
    if (!isProved(form.get("proof"), proof) || isForeign(request))
      return show(response, 403, trouble(proof, "This page is out of date", "Load it again, and press the button once more."));
    const wait = presses.take(request.socket.remoteAddress);
    const action = actionOf(form);
    const said: Said =
      wait !== undefined
        ? { kind: "refused", message: "That was too often; wait a moment." }
        : typeof action === "string"
          ? { kind: "refused", message: action }
          : await perform(actions, action, clock.deadline("a button", ANSWER_WITHIN, signal), signal);
    // By a redirection, so that loading the page again presses nothing again.
    const key = randomBytes(8).toString("hex");
    words.set(key, said);
    for (const old of [...words.keys()].slice(0, -WORDS_KEPT)) words.delete(old);
    response.redirect(303, `.${request.path}?said=${key}`);
  });
  web.use((_request, response) => show(response, 404, trouble(proof, "There is no such page", "The camera may be gone.")));
  web.use(failing(parts, proof));
  return web;
}

const secured: RequestHandler = (_request, response, next) => {
  response.set({
    "cache-control": "no-store",
    // In Home Assistant the page stands in a frame of the same origin.
    "content-security-policy":
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
  });
  next();
};

/** By the socket's own address: headers say whatever their sender wants. */
function admitting(admitted: string): RequestHandler {
  return (request, response, next) => {
    const remote = (request.socket.remoteAddress ?? "").replace(/^::ffff:/i, "");
    if (remote === admitted || (request.path === "/health" && isLoopback(remote))) return next();
    response.status(403).type("text/plain").send("This page is shown by Home Assistant alone.\n");
  };
}

function isProved(given: string | null, right: string): boolean {
  const [one, other] = [Buffer.from(given ?? ""), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** A browser says where a request comes from; not every one does. */
function isForeign(request: Request): boolean {
  const site = request.get("sec-fetch-site");
  return site !== undefined && site !== "same-origin" && site !== "none";
}

/** What a form asks for; a sentence where it asks for nothing that there is. */
function actionOf(form: URLSearchParams): Action | string {
  const word = (name: string): string => (form.get(name) ?? "").trim();
  const camera = word("camera");
  switch (word("verb")) {
    case "resync":
      return { verb: "resync", ...(camera === "" ? {} : { camera }) };
    case "reconnect":
      return { verb: "reconnect", camera, force: true };
    case "forget":
      return { verb: "forget", camera };
    case "approve":
      return { verb: "approve", id: word("id") };
    case "undo":
      return { verb: "undo", target: word("target") };
    case "adopt": {
      const mac = parseMac(word("mac"));
      const replace = word("replace") === "yes";
      if (mac !== undefined) return { verb: "adopt", camera, mac, ...(replace ? { replace } : {}) };
      if (replace) return "That is no MAC address: it looks like 0c:79:55:4b:d4:2a.";
      const address = parseIp(word("mac"));
      if (address !== undefined) return { verb: "adopt", camera, address };
      return "That is no MAC address: it looks like 0c:79:55:4b:d4:2a.";
    }
    default:
      return "There is no such button.";
  }
}

async function perform(actions: Actions, action: Action, limit: AbortSignal, signal: AbortSignal): Promise<Said> {
  try {
    return await unlessAborted(actions.perform(action, signal), limit);
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    return { kind: "refused", message: "It takes long, and goes on; load the page again to see what came of it." };
  }
}

function show(response: Response, status: number, content: Markup): void {
  response.status(status).type("text/html").send(content.text);
}

function trouble(proof: string, title: string, remedy: string): Markup {
  return page(
    title,
    { proof, here: "./", said: { kind: "refused", message: `${title}. ${remedy}` } },
    html`<h1>${title}</h1>`,
    html`<p><a href="./">Camera Shepherd</a></p>`,
  );
}

function failing({ log }: PageParts, proof: string): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : 500;
    if (status < 400 || status >= 500) log.error("the page failed", { error: asError(error) });
    show(response, status >= 400 && status < 500 ? status : 500, trouble(proof, "That did not work", "Load the page again."));
  };
}
