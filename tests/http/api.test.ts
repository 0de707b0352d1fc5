import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { createActions } from "../../src/reconcilers/verbs.ts";
import { at, FakeHome, FRONT, movedText, STRANGER } from "../reconcilers/fake-home.ts";
import { ask, expectProblem, post, type Served, serveHome } from "./serving-kit.ts";

interface Documented {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: object }>>;

let home: FakeHome;
let served: Served;

beforeEach(async () => {
  home = new FakeHome();
  await home.start();
  served = await serveHome(home);
});

afterEach(async () => {
  await served[Symbol.asyncDispose]();
  await home.stop();
});

async function documented(): Promise<{ readonly document: object; readonly operations: Map<string, Documented> }> {
  const { json } = await ask(`${served.api}/api/openapi.json`);
  const operations = new Map<string, Documented>();
  for (const [path, methods] of Object.entries(json["paths"] as Record<string, Record<string, Documented>>))
    for (const [method, operation] of Object.entries(methods)) operations.set(`${method} ${path}`, operation);
  return { document: json, operations };
}

const BODIES: Readonly<Record<string, unknown>> = {
  resync: {},
  reconnectCamera: { force: false },
  reportSighting: { mac: FRONT.mac, address: at(60), hostname: "cam-front" },
  adoptCamera: { mac: FRONT.mac },
  approve: {},
  undo: {},
};

describe("the document", () => {
  it("lists every route that answers, and nothing else", async () => {
    const { document, operations } = await documented();
    expect(document).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
    const routes = served.serving.routes.map(({ method, path }) => `${method} ${path}`);
    expect([...operations.keys()].toSorted()).toEqual(routes.toSorted());
    expect(new Set([...operations.values()].map(({ operationId }) => operationId)).size).toBe(routes.length);
    const posts = routes.filter((route) => route.startsWith("post "));
    expect(posts).toHaveLength(home.engine.actions.verbs.size);
  });

  it("says what comes and what goes: each route answers as written there", async () => {
    const { operations } = await documented();
    const problem = (await documented()).document as { components: { schemas: { Problem: object } } };
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const [route, operation] of operations) {
      const [method = "", path = ""] = route.split(" ");
      const url = served.api + path.replace("{camera}", "front");
      const body = BODIES[operation.operationId];
      const schema = operation.requestBody?.content["application/json"]?.schema;
      expect(ajv.validate(schema ?? {}, body), `${route}: ${ajv.errorsText()}`).toBe(true);
      const answer = method === "post" ? await post(url, body) : await ask(url);
      const [type = ""] = answer.type.split(";");
      const described = operation.responses[String(answer.status)] ?? operation.responses["default"];
      const shape = type === "application/problem+json" ? problem.components.schemas.Problem : described?.content[type]?.schema;
      expect(shape, `${route} answered ${String(answer.status)} ${type}`).toBeDefined();
      expect(ajv.validate(shape ?? {}, type.includes("json") ? answer.json : answer.text), `${route}: ${ajv.errorsText()}`).toBe(true);
      expect(answer.status, `${route}: ${answer.text}`).toBeLessThan(500);
      expect(answer.status === 200, route).toBe(method === "get");
      for (const parameter of operation.parameters.filter((one) => one.in === "path")) expect(path).toContain(`{${parameter.name}}`);
      if (operation.security.length > 0) expectProblem(await ask(url, { method: method.toUpperCase(), headers: {} }), 401, "TokenMissing");
    }
  });

  it("says which bodies are refused", async () => {
    const { operations } = await documented();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const [route, operation] of operations) {
      const schema = operation.requestBody?.content["application/json"]?.schema;
      if (schema === undefined) continue;
      expect(ajv.validate(schema, { unknown: 1 }), route).toBe(false);
      const url = served.api + (route.split(" ")[1] ?? "").replace("{camera}", "front");
      expectProblem(await post(url, { unknown: 1 }), 400, "BadRequest");
      expect(operation.requestBody?.required, route).toBe((await post(url)).status === 400);
    }
  });
});

describe("a verb that nobody carries out", () => {
  it("has no route and stands in no document", async () => {
    const done = { kind: "accepted", message: "done" } as const;
    await using few = await serveHome(home, { actions: createActions({ resync: () => Promise.resolve(done) }) });
    expect((await post(`${few.api}/api/resync`)).json).toEqual({ accepted: true, message: "done" });
    for (const path of ["/api/undo", "/api/approve", "/api/sightings", "/api/cameras/front/adopt", "/api/cameras/front/reconnect"])
      expectProblem(await post(few.api + path, {}), 404, "NotFound");
    expect((await ask(`${few.api}/api/openapi.json`)).text).not.toContain("/api/undo");
  });
});

describe("a camera", () => {
  it("is shown with identity, address, history and conditions", async () => {
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    const { json } = await ask(`${served.api}/api/cameras/FRONT`);
    expect(json).toMatchObject({
      id: "front",
      address: at(60),
      configured: [at(60)],
      proved: true,
      connected: true,
      history: [at(20)],
      macs: [FRONT.mac],
      endpoint: "urn:uuid:front",
      conditions: [{ subject: "device/front", status: "ok", severity: "info", nextStep: "" }],
    });
    expect((await ask(`${served.api}/api/cameras`)).json).toMatchObject({ cameras: [json, { id: "back" }] });
    const { json: why } = await ask(`${served.api}/api/cameras/front/evidence?limit=1`);
    expect(why).toMatchObject({ evidence: [{ candidate: at(60), layer: "dhcp", verdict: "verified" }] });
    expect((why["evidence"] as unknown[]).length).toBe(1);
    const nobody = await ask(`${served.api}/api/cameras/frnot`);
    expectProblem(nobody, 404, "CameraUnknown");
    expect(nobody.json["detail"]).toBe("no camera is called frnot; did you mean front? Known: front, back");
    expectProblem(await ask(`${served.api}/api/cameras/front/evidence?limit=0`), 400, "BadRequest");
    expectProblem(await ask(`${served.api}/api/cameras/front/evidence?limt=1`), 400, "BadRequest");
  });

  it("is said to be at an address, or to be a MAC address, not both, and never at another camera's", async () => {
    const adopt = `${served.api}/api/cameras/front/adopt`;
    const taken = await post(adopt, { address: at(21) });
    expectProblem(taken, 409, "DuplicateCamera");
    expect(taken.json["detail"]).toBe(`${at(21)} is the address of back, not of front`);
    expectProblem(await post(adopt, { address: at(21), mac: FRONT.mac }), 400, "BadRequest");
    expectProblem(await post(adopt, { address: "10.9.0.999" }), 400, "BadRequest");
    expectProblem(await post(adopt, { address: at(60), replace: true }), 400, "BadRequest");
    const replaced = post(adopt, { mac: "0c:79:55:4b:d4:77", replace: true });
    await home.pass(seconds(10));
    expectProblem(await replaced, 409, "StillThere");
  });

  it("that moved without a packet is healed by a report, and by a forged one nothing moves", async () => {
    const before = home.text;
    home.stranger(at(66));
    expect((await post(`${served.api}/api/sightings`, { mac: FRONT.mac, address: at(66) })).status).toBe(202);
    await home.pass(seconds(5));
    expect(home.text).toBe(before);
    home.moveSilently(FRONT, at(20), at(60));
    expect((await post(`${served.api}/api/sightings`, { mac: "0C-79-55-4B-D4-20", address: at(60) })).json).toMatchObject({
      accepted: true,
    });
    await home.pass(seconds(5));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expectProblem(await post(`${served.api}/api/sightings`, { mac: STRANGER, address: at(99) }), 404, "CameraUnknown");
    expectProblem(await post(`${served.api}/api/sightings`, { mac: FRONT.mac, endpoint: "urn:x", address: at(99) }), 400, "BadRequest");
  });

  it("gets a new connection, and then not again at once", async () => {
    expect((await post(`${served.api}/api/cameras/front/reconnect`)).status).toBe(202);
    expectProblem(await post(`${served.api}/api/cameras/front/reconnect`), 429, "AskedTooOften");
    await home.pass(seconds(2));
    expect(home.told("stream-pointed")).toMatchObject([{ device: "front", to: at(20) }]);
  });
});

describe("readiness", () => {
  it("comes with the first look at every camera, and says before what is missing", async () => {
    const fresh = new FakeHome();
    await using early = await serveHome(fresh);
    const { status, json } = await ask(`${early.metrics}/ready`, { headers: {} });
    expect([status, json["ready"]]).toEqual([503, false]);
    expect(json["reasons"]).toMatchObject([{ subject: "target/frigate", message: expect.stringContaining("was not read yet") as string }]);
    expect((await ask(`${early.metrics}/health`, { headers: {} })).json).toEqual({ status: "ok", version: "1.2.3" });
    await fresh.start();
    expect((await ask(`${early.metrics}/ready`, { headers: {} })).json).toEqual({ ready: true, reasons: [] });
    await fresh.stop();
  });
});

describe("the plan", () => {
  it("shows what would be written, masked", async () => {
    const asking = await ask(`${served.api}/api/plan`);
    expect(asking.json).toMatchObject({ changed: false, documents: [{ target: "frigate", diff: "" }] });
    const record = home.registry.devices().find(({ id }) => id === "front");
    if (record !== undefined) home.registry.saveDevice({ ...record, address: at(61) });
    const { json, text } = await ask(`${served.api}/api/plan`);
    expect(json).toMatchObject({ changed: true, documents: [{ target: "frigate" }] });
    expect(text).toContain(`+      - rtsp://***@${at(61)}:554/main`);
    expect(text).not.toContain("canary");
    expect(home.document.written).toEqual([]);
  });
});
