import { z } from "zod";
import { saidWords } from "../../domain/short-words.ts";
import { TargetError } from "../../ports/config-target.ts";
import type { ForgeApi } from "./forge-api.ts";
import type { PullRequest, PullRequestApi } from "./pull-requests.ts";

/** docs.github.com/rest/pulls/pulls: of some fifty keys those that are used. */
const Pull = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.enum(["open", "closed"]),
  merged_at: z.string().nullish(),
  title: z.string(),
  body: z.string().nullish(),
});
const Pulls = z.array(Pull);
const API = "GitHub's API";

/** GitHub's pull requests, of `owner/name`. */
export function gitHubPulls(api: ForgeApi, repository: string): PullRequestApi {
  const [owner = ""] = repository.split("/");
  const pulls = `repos/${repository}/pulls`;
  return {
    async list(head, base, signal) {
      const query = new URLSearchParams({
        state: "all",
        head: `${owner}:${head}`,
        base,
        sort: "created",
        direction: "desc",
        per_page: "30",
      });
      const { json } = await api.call("GET", `${pulls}?${query.toString()}`, undefined, signal);
      return api.read(Pulls, json, API).map(pullOf);
    },
    async open(head, base, text, signal) {
      const { status, json } = await api.call("POST", pulls, { ...text, head, base, maintainer_can_modify: true }, signal, [422]);
      if (status !== 422) return pullOf(api.read(Pull, json, API));
      const said = JSON.stringify(json);
      // "A pull request already exists for OWNER:BRANCH."
      if (/already exists/i.test(said)) return undefined;
      throw new TargetError(
        "PullRequestRefused",
        `${api.place} took no pull request: ${saidWords(said.replaceAll(/[{}"[\]]/g, " "), 300)}`,
      );
    },
    // From a branch to itself, which is refused as nonsense, and only after whether it is permitted.
    async check(base, signal) {
      await api.call("POST", pulls, { title: "check", body: "", head: base, base }, signal, [409, 422]);
    },
    async change(number, { close, ...text }, signal) {
      await api.call("PATCH", `${pulls}/${String(number)}`, { ...text, ...(close === true ? { state: "closed" } : {}) }, signal);
    },
  };
}

function pullOf({ number, html_url: url, state, merged_at: mergedAt, title, body }: z.output<typeof Pull>): PullRequest {
  return { number, url, isOpen: state === "open", isMerged: typeof mergedAt === "string", title, body: body ?? "" };
}
