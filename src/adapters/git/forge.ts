/** How a commit that a branch does not take becomes a question to people. */
export type PullRequestWay = "github" | "forgejo" | "gitlab" | "agit";

/** A repository's place on its server. */
export interface RepositoryPlace {
  readonly host: string;
  /** `https://host:port`, or `http:` where the repository itself is reached so. */
  readonly origin: string;
  /** `owner/name`, with the groups that GitLab has in between. */
  readonly path: string;
}

/** Servers that everybody means by these names; those for SSH over port 443 included. */
const KNOWN_HOSTS: ReadonlyMap<string, PullRequestWay> = new Map([
  ["github.com", "github"],
  ["ssh.github.com", "github"],
  ["gitlab.com", "gitlab"],
  ["altssh.gitlab.com", "gitlab"],
  ["codeberg.org", "forgejo"],
]);

/** Where an address of git's leads to; undefined for a folder. */
export function repositoryPlace(url: string): RepositoryPlace | undefined {
  const short = /^[\w.-]+@([\w.-]+):([^\s]+)$/.exec(url);
  if (short !== null) return placeAt("https:", short[1] ?? "", "", short[2] ?? "");
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol === "ssh:") return placeAt("https:", hostname, "", pathname);
  return protocol === "https:" || protocol === "http:" ? placeAt(protocol, hostname, port, pathname) : undefined;
}

function placeAt(protocol: string, host: string, port: string, pathname: string): RepositoryPlace {
  const path = pathname
    .replace(/^\/+/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
  return { host, origin: `${protocol}//${host}${port === "" ? "" : `:${port}`}`, path };
}

/** What a server is by its name; undefined where the name does not tell. */
export function wayOfHost({ host }: RepositoryPlace): PullRequestWay | undefined {
  return KNOWN_HOSTS.get(host.toLowerCase());
}

/** Where a server's API is unless a person says so (docs.github.com/rest, "GitHub Enterprise Server"; forgejo.org/docs, "API usage"). */
export function apiOf(way: "github" | "forgejo", place: RepositoryPlace): string {
  if (way === "forgejo") return `${place.origin}/api/v1`;
  return wayOfHost(place) === "github" ? "https://api.github.com" : `${place.origin}/api/v3`;
}
