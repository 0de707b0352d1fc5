import { seconds } from "../domain/duration.ts";
import { unknownName } from "../domain/unknown-camera.ts";
import type { Action, Actions, Verb } from "../ports/actions.ts";
import type { HomeView } from "../ports/home-view.ts";
import { refusalProblem } from "./problem.ts";
import { type Answer, defineRoute, type Route } from "./route.ts";
import * as schemas from "./schemas.ts";
import { cameraShown, conditionShown, evidenceShown, isoTime } from "./shown.ts";

export interface ApiParts {
  readonly version: string;
  readonly view: HomeView;
  readonly actions: Actions;
  /** What would be written now, credentials masked. Writes nothing. */
  readonly plan: (signal: AbortSignal) => Promise<object>;
}

/** Less than any request is waited for. */
const RESYNCED_WITHIN = seconds(8);
const EVIDENCE_SHOWN = 20;
const CHANGES_SHOWN = 20;

/** Everything that the API answers, with what each of its verbs takes. A verb that nobody carries out here has no route. */
export function apiRoutes(parts: ApiParts): readonly Route[] {
  return [...readingRoutes(parts), ...verbRoutes(parts)];
}

function readingRoutes({ version, view, plan }: ApiParts): readonly Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/status",
      operation: "getStatus",
      summary: "Every condition, and which ways of noticing are active",
      answers: { 200: { description: "As things stand", schema: schemas.StatusShown } },
      handle: () => {
        const conditions = view.conditions();
        const layers = conditions
          .filter(({ subject }) => subject.startsWith("layer/"))
          .map(({ subject, status, message }) => ({ layer: subject.slice("layer/".length), active: status === "ok", message }));
        return ok({ version, ready: view.notReady().length === 0, layers, conditions: conditions.map(conditionShown) });
      },
    }),
    defineRoute({
      method: "get",
      path: "/api/cameras",
      operation: "listCameras",
      summary: "Every camera: identity, address, earlier addresses, conditions",
      answers: { 200: { description: "All cameras", schema: schemas.CamerasShown } },
      handle: () => ok({ cameras: view.cameras().map(cameraShown) }),
    }),
    defineRoute({
      method: "get",
      path: "/api/cameras/{camera}",
      operation: "getCamera",
      summary: "One camera",
      params: schemas.CameraPath,
      answers: { 200: { description: "The camera", schema: schemas.CameraShown } },
      handle: ({ params }) => ok(cameraShown(known(view, params.camera))),
    }),
    defineRoute({
      method: "get",
      path: "/api/cameras/{camera}/evidence",
      operation: "getEvidence",
      summary: "Why addresses were accepted or refused for the camera, the newest first",
      params: schemas.CameraPath,
      query: schemas.EvidenceQuery,
      answers: { 200: { description: "The last decisions", schema: schemas.EvidenceShown } },
      handle: ({ params, query }) => {
        const limit = query.limit === undefined ? EVIDENCE_SHOWN : Number(query.limit);
        return ok({ evidence: view.evidence(known(view, params.camera).id, limit).map(evidenceShown) });
      },
    }),
    defineRoute({
      method: "get",
      path: "/api/proposals",
      operation: "listProposals",
      summary: "Changes that wait for approval",
      answers: { 200: { description: "At most one for each document", schema: schemas.ProposalsShown } },
      handle: () => ok({ proposals: view.proposals().map((one) => ({ ...one, at: isoTime(one.at) })) }),
    }),
    defineRoute({
      method: "get",
      path: "/api/changes",
      operation: "listChanges",
      summary: "Changes that were written, the newest first",
      answers: { 200: { description: "The last changes", schema: schemas.ChangesShown } },
      handle: () => ok({ changes: view.changes(CHANGES_SHOWN).map((one) => ({ ...one, at: isoTime(one.at) })) }),
    }),
    defineRoute({
      method: "get",
      path: "/api/plan",
      operation: "getPlan",
      summary: "What would be written now, as a masked diff; writes nothing",
      isLimited: true,
      answers: { 200: { description: "The plan", schema: schemas.PlanShown } },
      handle: async (_input, signal) => ({ status: 200, json: await plan(signal) }),
    }),
  ];
}

function verbRoutes({ actions }: ApiParts): readonly Route[] {
  const accepted = { 202: { description: "Begun; what comes of it shows in the conditions", schema: schemas.Accepted } };
  const ask = async (action: Action, signal: AbortSignal): Promise<Answer> => {
    const result = await actions.perform(action, signal);
    if (result.kind === "refused") throw refusalProblem(result.reason, result.message);
    return { status: 202, json: { accepted: true, message: result.message } };
  };
  const post = { method: "post", answers: accepted } as const;
  const routes: Readonly<Record<Verb, Route>> = {
    resync: defineRoute({
      ...post,
      path: "/api/resync",
      operation: "resync",
      summary: "Look at everything again, or at one camera",
      body: schemas.ResyncBody,
      handle: ({ body: { camera, wait } }, signal) => {
        const which = camera === undefined ? {} : { camera };
        return ask({ verb: "resync", ...which, ...(wait === true ? { wait: RESYNCED_WITHIN } : {}) }, signal);
      },
    }),
    sighting: defineRoute({
      ...post,
      path: "/api/sightings",
      operation: "reportSighting",
      summary: "Report that a device may be at an address: starts a proof and nothing else",
      body: schemas.SightingBody,
      handle: ({ body: { mac, endpoint, address, hostname } }, signal) => {
        const device = mac === undefined ? { endpoint: endpoint ?? "" } : { mac: schemas.macOf(mac) };
        const name = hostname === undefined ? {} : { hostName: hostname };
        return ask({ verb: "sighting", ...device, ...name, address: schemas.addressOf(address) }, signal);
      },
    }),
    reconnect: defineRoute({
      ...post,
      path: "/api/cameras/{camera}/reconnect",
      operation: "reconnectCamera",
      summary: "Give the camera's streams a new connection",
      params: schemas.CameraPath,
      body: schemas.ReconnectBody,
      handle: ({ params: { camera }, body: { force } }, signal) =>
        ask({ verb: "reconnect", camera, ...(force === true ? { force } : {}) }, signal),
    }),
    adopt: defineRoute({
      ...post,
      path: "/api/cameras/{camera}/adopt",
      operation: "adoptCamera",
      summary: "Say which device the camera is, by its MAC address, or by its address where nothing can prove it",
      params: schemas.CameraPath,
      body: schemas.AdoptBody,
      handle: ({ params: { camera }, body: { mac, address, replace } }, signal) => {
        if (mac === undefined) return ask({ verb: "adopt", camera, address: schemas.addressOf(address ?? "") }, signal);
        return ask({ verb: "adopt", camera, mac: schemas.macOf(mac), ...(replace === true ? { replace } : {}) }, signal);
      },
    }),
    forget: defineRoute({
      ...post,
      path: "/api/cameras/{camera}/forget",
      operation: "forgetCamera",
      summary: "Forget a camera that is gone for good, and its device in Home Assistant; refused while it stands in a document",
      params: schemas.CameraPath,
      handle: ({ params: { camera } }, signal) => ask({ verb: "forget", camera }, signal),
    }),
    approve: defineRoute({
      ...post,
      path: "/api/approve",
      operation: "approve",
      summary: "Have a change written that waits for approval",
      body: schemas.ApproveBody,
      handle: ({ body: { id } }, signal) => ask({ verb: "approve", ...(id === undefined ? {} : { id }) }, signal),
    }),
    undo: defineRoute({
      ...post,
      path: "/api/undo",
      operation: "undo",
      summary: "Put a document back to what it was before the last change",
      body: schemas.UndoBody,
      handle: ({ body: { target } }, signal) => ask({ verb: "undo", ...(target === undefined ? {} : { target }) }, signal),
    }),
  };
  return Object.entries(routes).flatMap(([verb, route]) => ([...actions.verbs].some((one) => one === verb) ? [route] : []));
}

function known(view: HomeView, word: string): NonNullable<ReturnType<HomeView["camera"]>> {
  const camera = view.camera(word);
  if (camera !== undefined) return camera;
  const cameras = view.cameras();
  throw refusalProblem(
    "CameraUnknown",
    unknownName(
      word,
      cameras.map(({ id }) => id),
      cameras.map(({ title }) => title),
    ),
  );
}

function ok(json: object): Promise<Answer> {
  return Promise.resolve({ status: 200, json });
}
