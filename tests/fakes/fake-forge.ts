import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A pull request as the fake keeps it. */
interface Kept {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string;
  state: "open" | "closed";
  merged: boolean;
}

export interface ForgeCall {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

/** How a server answers instead of doing what it was asked. */
interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: object;
}

export interface FakeForge extends AsyncDisposable {
  readonly kind: "github" | "forgejo";
  readonly baseUrl: string;
  readonly calls: readonly ForgeCall[];
  readonly pulls: readonly Kept[];
  /** A person merges it, in the repository too. */
  merge(number: number): void;
  close(number: number): void;
  reopen(number: number): void;
  /** Answers the next calls so, until it is undefined. */
  refuse(refusal: Refusal | undefined): void;
}

/** What GitHub and Forgejo say in words of their own, as their documentation and sources have them. */
export const REFUSALS = {
  github: {
    badToken: {
      status: 401,
      json: { message: "Bad credentials", documentation_url: "https://docs.github.com/rest", status: "401" },
    },
    noPermission: {
      status: 403,
      json: {
        message: "Resource not accessible by personal access token",
        documentation_url: "https://docs.github.com/rest/pulls/pulls#create-a-pull-request",
        status: "403",
      },
    },
    rateLimit: {
      status: 403,
      headers: { "x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "4102444800" },
      json: { message: "API rate limit exceeded for user ID 1.", documentation_url: "https://docs.github.com/rest/overview/rate-limits" },
    },
    secondaryLimit: {
      status: 429,
      headers: { "retry-after": "120" },
      json: { message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again." },
    },
    unknown: { status: 404, json: { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" } },
    invalid: {
      status: 422,
      json: {
        message: "Validation Failed",
        errors: [{ resource: "PullRequest", code: "custom", message: "No commits between main and camera-shepherd/frigate" }],
        status: "422",
      },
    },
  },
  forgejo: {
    badToken: { status: 401, json: { message: "invalid username, password or token", url: "https://git.example.org/api/swagger" } },
    noPermission: {
      status: 403,
      json: {
        message: "token does not have at least one of required scope(s): [write:repository]",
        url: "https://git.example.org/api/swagger",
      },
    },
    rateLimit: { status: 429, headers: { "retry-after": "60" }, json: { message: "too many requests" } },
    secondaryLimit: { status: 429, json: { message: "too many requests" } },
    unknown: { status: 404, json: { message: "The target couldn't be found.", url: "https://git.example.org/api/swagger", errors: [] } },
    invalid: { status: 422, json: { message: "invalid head", url: "https://git.example.org/api/swagger" } },
  },
} as const;

const TOKEN = "canary-token-3141";
const SWAGGER = "https://git.example.org/api/swagger";

/** The pull requests of `home/cluster` on GitHub or Forgejo, with the repository's own branches behind them. */
export async function fakeForge(kind: "github" | "forgejo", bare: string, token = TOKEN): Promise<FakeForge> {
  const calls: ForgeCall[] = [];
  const pulls: Kept[] = [];
  let refusal: Refusal | undefined;
  const branch = (name: string): string | undefined => {
    try {
      return execFileSync("git", ["rev-parse", "--quiet", "--verify", `refs/heads/${name}`], { cwd: bare, encoding: "utf8" }).trim();
    } catch {
      return undefined;
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const { method = "", url = "", headers } = request;
    calls.push({ method, url, authorization: headers.authorization ?? "", body });
    const send = (status: number, json: unknown, more: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...more }).end(JSON.stringify(json));
    };
    if (refusal !== undefined) return send(refusal.status, refusal.json, refusal.headers);
    const words = REFUSALS[kind];
    if (headers.authorization !== `${kind === "github" ? "Bearer" : "token"} ${token}`) return send(401, words.badToken.json);
    // Both close what loses its branch.
    for (const pull of pulls) if (pull.state === "open" && branch(pull.head) === undefined) pull.state = "closed";
    const { pathname, searchParams } = new URL(url, "http://forge");
    const [, at] = /^(?:\/api\/v1)?\/repos\/home\/cluster\/pulls(?:\/(\d+))?$/.exec(pathname) ?? [];
    if (!/^(?:\/api\/v1)?\/repos\/home\/cluster\/pulls/.test(pathname)) return send(404, words.unknown.json);
    if (method === "GET") return send(200, listed(searchParams).map(shown));
    const given = JSON.parse(body) as Partial<Kept>;
    if (method === "POST") {
      const { head = "", base = "", title = "", body: text = "" } = given;
      if (head === base && kind === "forgejo")
        return send(422, { message: "Invalid PullRequest: There are no changes between the head and the base", url: SWAGGER });
      if (branch(head) === undefined || branch(base) === undefined) return send(kind === "github" ? 422 : 404, words.invalid.json);
      if (branch(head) === branch(base)) return send(422, words.invalid.json);
      if (pulls.some((pull) => pull.state === "open" && pull.head === head && pull.base === base)) {
        const message = `A pull request already exists for home:${head}.`;
        if (kind === "github")
          return send(422, { message: "Validation Failed", errors: [{ resource: "PullRequest", code: "custom", message }], status: "422" });
        const targets = `id: 1, issue_id: 1, head_repo_id: 1, base_repo_id: 1, head_branch: ${head}, base_branch: ${base}`;
        return send(409, { message: `pull request already exists for these targets [${targets}]`, url: SWAGGER });
      }
      const made: Kept = { number: pulls.length + 1, head, base, title, body: text, state: "open", merged: false };
      pulls.push(made);
      return send(201, shown(made));
    }
    const pull = pulls.find(({ number }) => String(number) === at);
    if (method !== "PATCH" || pull === undefined) return send(404, words.unknown.json);
    // Browsers and Forgejo's own editor send CRLF, and it is kept.
    if (given.body !== undefined) pull.body = kind === "forgejo" ? given.body.replaceAll("\n", "\r\n") : given.body;
    if (given.title !== undefined) pull.title = given.title;
    if (given.state !== undefined) pull.state = given.state;
    return send(kind === "github" ? 200 : 201, shown(pull));
  };
  const listed = (query: URLSearchParams): readonly Kept[] => {
    const state = query.get("state");
    const newest = pulls.toReversed().filter((pull) => state === "all" || pull.state === state);
    if (kind === "forgejo") return newest.slice(0, Number(query.get("limit")));
    const wanted = newest.filter((pull) => query.get("head") === `home:${pull.head}` && query.get("base") === pull.base);
    return wanted.slice(0, Number(query.get("per_page")));
  };
  const shown = (pull: Kept): object => {
    const { number, head, base, title, body, state, merged } = pull;
    const shared = { id: 1000 + number, number, title, body, state, draft: false, user: { login: "camera-shepherd" } };
    if (kind === "github")
      return {
        ...shared,
        url: `https://api.github.com/repos/home/cluster/pulls/${String(number)}`,
        html_url: `https://github.com/home/cluster/pull/${String(number)}`,
        merged_at: merged ? "2026-11-20T10:00:00Z" : null,
        head: { label: `home:${head}`, ref: head, sha: branch(head) ?? "", repo: { full_name: "home/cluster" } },
        base: { label: `home:${base}`, ref: base, sha: branch(base) ?? "", repo: { full_name: "home/cluster" } },
      };
    return {
      ...shared,
      url: `https://git.example.org/home/cluster/pulls/${String(number)}`,
      html_url: `https://git.example.org/home/cluster/pulls/${String(number)}`,
      merged,
      merged_at: merged ? "2026-11-20T10:00:00Z" : null,
      head: { label: head, ref: head, sha: branch(head) ?? "", repo_id: 1, repo: { id: 1, full_name: "Home/Cluster" } },
      base: { label: base, ref: base, sha: branch(base) ?? "", repo_id: 1, repo: { id: 1, full_name: "Home/Cluster" } },
    };
  };
  const find = (number: number): Kept => {
    const pull = pulls.find((candidate) => candidate.number === number);
    if (pull === undefined) throw new Error(`no pull request ${String(number)}`);
    return pull;
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = (server.address() as AddressInfo).port;
  return {
    kind,
    baseUrl: `http://127.0.0.1:${String(port)}${kind === "github" ? "" : "/api/v1"}`,
    calls,
    pulls,
    merge: (number) => {
      const pull = find(number);
      execFileSync("git", ["update-ref", `refs/heads/${pull.base}`, branch(pull.head) ?? ""], { cwd: bare });
      Object.assign(pull, { state: "closed", merged: true });
    },
    close: (number) => void Object.assign(find(number), { state: "closed" }),
    reopen: (number) => void Object.assign(find(number), { state: "open" }),
    refuse: (next) => (refusal = next),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
