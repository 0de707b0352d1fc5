import { z } from "zod";
import type { ForgeApi } from "./forge-api.ts";
import type { PullRequest, PullRequestApi } from "./pull-requests.ts";

const End = z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullish() });

/** modules/structs/pull.go of Forgejo and Gitea: of some forty keys those that are used. */
const Pull = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.enum(["open", "closed"]),
  merged: z.boolean().nullish(),
  title: z.string(),
  body: z.string().nullish(),
  head: End,
  base: End,
});
const Pulls = z.array(Pull);
const API = "the API of Forgejo and Gitea";

/** Forgejo's and Gitea's pull requests, of `owner/name`. */
export function forgejoPulls(api: ForgeApi, repository: string): PullRequestApi {
  const pulls = `repos/${repository}/pulls`;
  return {
    // The list takes no branch to look for, so it is looked through: those that changed last come first.
    async list(head, base, signal) {
      const found: z.output<typeof Pull>[] = [];
      for (const state of ["open", "closed"]) {
        const { json } = await api.call("GET", `${pulls}?state=${state}&sort=recentupdate&limit=50`, undefined, signal);
        found.push(...api.read(Pulls, json, API));
      }
      // A branch of the same name in somebody's fork is not ours; where that fork is gone, so is its name.
      const isOurs = ({ head: from, base: to }: z.output<typeof Pull>): boolean =>
        from.ref === head && to.ref === base && (from.repo?.full_name ?? repository).toLowerCase() === repository.toLowerCase();
      return found
        .filter(isOurs)
        .toSorted((one, other) => other.number - one.number)
        .map(pullOf);
    },
    async open(head, base, text, signal) {
      const { status, json } = await api.call("POST", pulls, { ...text, head, base }, signal, [409]);
      return status === 409 ? undefined : pullOf(api.read(Pull, json, API));
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

function pullOf({ number, html_url: url, state, merged, title, body }: z.output<typeof Pull>): PullRequest {
  return { number, url, isOpen: state === "open", isMerged: merged === true, title, body: body ?? "" };
}
