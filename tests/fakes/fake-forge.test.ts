import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { makeRepository, removeRepositories } from "../adapters/git/repository.ts";
import { type FakeForge, fakeForge, REFUSALS } from "./fake-forge.ts";

interface Refused {
  readonly status: number;
  readonly message?: string;
  readonly pattern?: string;
  readonly keys: readonly string[];
  readonly errors?: readonly string[];
}

interface Shapes {
  readonly source: string;
  /** Types by path, as the real server has them. */
  readonly pull: Readonly<Record<string, string>>;
  readonly refusals: Readonly<Record<string, Refused & { readonly source: string }>>;
}

/** What the real servers answer, each with where that was read; `source` of each. */
const SHAPES = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/forges/shapes.json"), "utf8")) as Readonly<
  Record<"github" | "forgejo", Shapes>
>;
const HEAD = "camera-shepherd/frigate";

afterEach(removeRepositories);

/** Each value's type by its path. */
function typesOf(value: object, before = ""): readonly (readonly [path: string, type: string])[] {
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([key, one]) => {
    const path = `${before}${key}`;
    if (one === null) return [[path, "null"] as const];
    return typeof one === "object" ? [[path, "object"] as const, ...typesOf(one, `${path}.`)] : [[path, typeof one] as const];
  });
}

/** What of a pull request is not as the real server has it. */
function foreign(pull: object, { pull: shape }: Shapes): readonly string[] {
  return typesOf(pull).flatMap(([path, type]) => (shape[path]?.split("|").includes(type) === true ? [] : [`${path}: ${type}`]));
}

/** What of a refusal is not as the real server says it. */
function strange(json: object, { message, pattern, keys, errors = [] }: Refused): readonly string[] {
  const said = json as { readonly message: string; readonly errors?: readonly object[] };
  const isSaid = (message === undefined || said.message === message) && (pattern === undefined || new RegExp(pattern).test(said.message));
  return [
    ...(isSaid ? [] : [said.message]),
    ...Object.keys(said).filter((key) => !keys.includes(key)),
    ...(said.errors ?? []).flatMap((error) => Object.keys(error).filter((key) => !errors.includes(key))),
  ];
}

async function made(kind: "github" | "forgejo") {
  const repository = await makeRepository("a.yml", "a: 1\n");
  const commit = (await repository.git("commit-tree", "main^{tree}", "-p", "main", "-m", "x")).trim();
  await repository.git("update-ref", `refs/heads/${HEAD}`, commit);
  const forge = await fakeForge(kind, `${repository.folder}/home.git`);
  onTestFinished(() => forge[Symbol.asyncDispose]());
  const call = async (method: string, path: string, body?: object): Promise<{ readonly status: number; readonly json: object }> => {
    const authorization = `${kind === "github" ? "Bearer" : "token"} canary-token-3141`;
    const answer = await fetch(`${forge.baseUrl}/repos/home/cluster/${path}`, {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: (await answer.json()) as object };
  };
  return { forge, call };
}

async function allPulls(forge: FakeForge, call: Awaited<ReturnType<typeof made>>["call"]): Promise<readonly object[]> {
  const query = forge.kind === "github" ? `state=all&head=home:${HEAD}&base=main&per_page=30` : "state=closed&limit=50";
  return (await call("GET", `pulls?${query}`)).json as readonly object[];
}

describe.each(["github", "forgejo"] as const)("the fake %s, held to what the real one answers", (kind) => {
  const shapes = SHAPES[kind];

  it("has pull requests of its shape: open, changed, merged", async () => {
    const { forge, call } = await made(kind);
    const opened = await call("POST", "pulls", { title: "fix", body: "why", head: HEAD, base: "main" });
    expect(opened.status).toBe(201);
    const changed = await call("PATCH", "pulls/1", { title: "other" });
    forge.merge(1);
    const merged = await allPulls(forge, call);
    expect(merged).toHaveLength(1);
    for (const pull of [opened.json, changed.json, ...merged]) expect(foreign(pull, shapes)).toEqual([]);
    // It notices what is not: a type, and a key.
    expect(foreign({ ...opened.json, number: "1", another: 1 }, shapes)).toEqual(["number: string", "another: number"]);
  });

  it("refuses in its words: a second one, one that changes nothing, a wrong token", async () => {
    const { call } = await made(kind);
    const again = { title: "fix", body: "why", head: HEAD, base: "main" };
    await call("POST", "pulls", again);
    const [second, same] = [await call("POST", "pulls", again), await call("POST", "pulls", { ...again, head: "main" })];
    const { refusals } = shapes;
    for (const [answer, known] of [
      [second, refusals["exists"] ?? refusals["invalid"]],
      [same, refusals["same"] ?? refusals["invalid"]],
    ] as const) {
      if (known === undefined) throw new Error("no such refusal is known");
      expect(answer.status).toBe(known.status);
      expect(strange(answer.json, known)).toEqual([]);
    }
    const badToken = refusals["badToken"];
    expect(badToken === undefined ? [] : strange(REFUSALS[kind].badToken.json, badToken)).toEqual([]);
  });

  it("says where each shape was read", () => {
    for (const { source } of [shapes, ...Object.values(shapes.refusals)]) expect(source).toMatch(/^[\w.-]+\/[\w.-]+/);
  });
});
