import { createHash } from "node:crypto";

const MAX_TEXT = 8 * 1024;
const MAX_CHALLENGES = 16;
const MAX_PARAMETERS = 32;

export type DigestAlgorithm = "MD5" | "SHA-256";

export interface DigestChallenge {
  readonly scheme: "digest";
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  /** Whether the name of the algorithm was given and has to be echoed. */
  readonly named: boolean;
  /** The `-sess` variant: the user's hash is bound to the nonces. */
  readonly session: boolean;
  readonly qop: "none" | "auth";
  readonly opaque?: string;
}

export interface BasicChallenge {
  readonly scheme: "basic";
  readonly realm?: string;
}

/** What a server asks for. Schemes and Digest variants that we cannot answer are left out. */
export type Challenge = DigestChallenge | BasicChallenge;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Reads every challenge of the `WWW-Authenticate` headers of one answer: one header may hold several, and there may be several headers
 * (RFC 7235 §4.1). Bounded; text that is none is passed over. Never throws.
 */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  const found: Challenge[] = [];
  for (const value of values.slice(0, MAX_CHALLENGES)) {
    for (const { scheme, parameters } of splitChallenges(value.slice(0, MAX_TEXT))) {
      const challenge = readChallenge(scheme, parameters);
      if (challenge !== undefined && found.length < MAX_CHALLENGES) found.push(challenge);
    }
  }
  return found;
}

/**
 * The challenge to answer: Digest before Basic, SHA-256 before MD5, Basic only where allowed.
 * @returns "basic-only" where nothing else is offered and Basic is not allowed; undefined where there is nothing that we can answer
 */
export function chooseChallenge(challenges: readonly Challenge[], allowBasic: boolean): Challenge | "basic-only" | undefined {
  const digests = challenges.filter((challenge) => challenge.scheme === "digest");
  const digest = digests.find((challenge) => challenge.algorithm === "SHA-256") ?? digests[0];
  if (digest !== undefined) return digest;
  const basic = challenges.find((challenge) => challenge.scheme === "basic");
  if (basic === undefined) return undefined;
  return allowBasic ? basic : "basic-only";
}

/** What an answer to a Digest challenge depends on besides the challenge and the credentials. */
export interface DigestUse {
  readonly method: string;
  /** Exactly the URI of the request line. */
  readonly uri: string;
  /** A fresh random text. */
  readonly cnonce: string;
  /** How often this nonce was used, this time included. */
  readonly count: number;
}

/** The value of `Authorization` for a Digest challenge (RFC 7616 §3.4, without qop RFC 2069 §2.1.2). */
export function digestAuthorization(challenge: DigestChallenge, { username, password }: Credentials, use: DigestUse): string {
  const { realm, nonce, algorithm, session, qop } = challenge;
  const plain = hash(algorithm, `${username}:${realm}:${password}`);
  const secret = session ? hash(algorithm, `${plain}:${nonce}:${use.cnonce}`) : plain;
  const request = hash(algorithm, `${use.method}:${use.uri}`);
  const count = use.count.toString(16).padStart(8, "0");
  const middle = qop === "auth" ? `${nonce}:${count}:${use.cnonce}:auth` : nonce;
  const response = hash(algorithm, `${secret}:${middle}:${request}`);
  const parts = [
    `username="${quote(username)}"`,
    `realm="${quote(realm)}"`,
    `nonce="${quote(nonce)}"`,
    `uri="${quote(use.uri)}"`,
    `response="${response}"`,
  ];
  if (challenge.named) parts.push(`algorithm=${algorithm}${session ? "-sess" : ""}`);
  if (qop === "auth") parts.push("qop=auth", `nc=${count}`);
  if (qop === "auth" || session) parts.push(`cnonce="${quote(use.cnonce)}"`);
  if (challenge.opaque !== undefined) parts.push(`opaque="${quote(challenge.opaque)}"`);
  return `Digest ${parts.join(", ")}`;
}

/** The value of `Authorization` for a Basic challenge (RFC 7617 §2): the password in clear to anyone who listens. */
export function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(algorithm === "MD5" ? "md5" : "sha256")
    .update(text, "utf8")
    .digest("hex");
}

function quote(text: string): string {
  return text.replaceAll(/["\\]/g, String.raw`\$&`);
}

interface RawChallenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** A scheme begins where a token is followed by white space and something that is no `=`; everything else is a parameter of the last one. */
function splitChallenges(text: string): readonly RawChallenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const pattern = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;
  for (const [, token = "", quoted, bare] of text.matchAll(pattern)) {
    const value = quoted === undefined ? bare : quoted.replaceAll(/\\(.)/g, "$1");
    const last = challenges.at(-1);
    if (value === undefined) {
      if (challenges.length < MAX_CHALLENGES) challenges.push({ scheme: token.toLowerCase(), parameters: new Map() });
    } else if (last !== undefined && last.parameters.size < MAX_PARAMETERS && !last.parameters.has(token.toLowerCase())) {
      last.parameters.set(token.toLowerCase(), value);
    }
  }
  return challenges;
}

function readChallenge(scheme: string, parameters: ReadonlyMap<string, string>): Challenge | undefined {
  const realm = parameters.get("realm");
  if (scheme === "basic") return realm === undefined ? { scheme } : { scheme, realm };
  const nonce = parameters.get("nonce");
  if (scheme !== "digest" || nonce === undefined) return undefined;
  const name = parameters.get("algorithm");
  const [, algorithm, session] = /^(md5|sha-256)(-sess)?$/i.exec(name ?? "MD5") ?? [];
  const offered =
    parameters
      .get("qop")
      ?.toLowerCase()
      .split(/[\s,]+/)
      .filter((word) => word !== "") ?? [];
  if (algorithm === undefined || (offered.length > 0 && !offered.includes("auth"))) return undefined;
  const opaque = parameters.get("opaque");
  return {
    scheme,
    realm: realm ?? "",
    nonce,
    algorithm: algorithm.toUpperCase() === "MD5" ? "MD5" : "SHA-256",
    named: name !== undefined,
    session: session !== undefined,
    qop: offered.includes("auth") ? "auth" : "none",
    ...(opaque === undefined ? {} : { opaque }),
  };
}
