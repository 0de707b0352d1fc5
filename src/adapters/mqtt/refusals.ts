import { PublisherError, type PublisherReason } from "../../ports/publisher.ts";

/** What a connection attempt came to, as far as the library tells. */
export interface Failure {
  readonly place: string;
  /** With a `code`: the system's or OpenSSL's as text, or the broker's as a number. Absent: it closed the connection without a word. */
  readonly error: (Error & { readonly code?: unknown }) | undefined;
}

const SYSTEM: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses the connection",
  ECONNRESET: "broke the connection off",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "cannot be reached",
  ENOTFOUND: "is a name that nobody knows",
  EAI_AGAIN: "is a name that cannot be looked up now",
  ETIMEDOUT: "gave no answer",
  EPIPE: "broke the connection off",
};

/** OpenSSL's words for a certificate that is not to be trusted, as Node passes them on (node/lib/_tls_wrap.js, deps/openssl x509_vfy). */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER|ALTNAME/;

/**
 * Codes of a CONNACK: 1 – 5 are of MQTT 3.1.1 (§3.2.2.3), from 128 on of MQTT 5 (§3.2.2.2).
 * Those that say "not now" are as good as a broker that is away.
 */
const ANSWERS: ReadonlyMap<number, readonly [PublisherReason, string]> = new Map([
  [1, ["BrokerRefuses", "speaks another version of MQTT"]],
  [2, ["BrokerRefuses", "refuses the client's name"]],
  [3, ["BrokerUnreachable", "is not ready"]],
  [4, ["BrokerRefusesLogin", "refuses the user name or password"]],
  [5, ["BrokerRefusesLogin", "does not let this user in"]],
  [132, ["BrokerRefuses", "speaks another version of MQTT"]],
  [133, ["BrokerRefuses", "refuses the client's name"]],
  [134, ["BrokerRefusesLogin", "refuses the user name or password"]],
  [135, ["BrokerRefusesLogin", "does not let this user in"]],
  [136, ["BrokerUnreachable", "is not ready"]],
  [137, ["BrokerUnreachable", "is too busy"]],
  [138, ["BrokerRefuses", "has banned this client"]],
  [139, ["BrokerUnreachable", "is shutting down"]],
  [140, ["BrokerRefusesLogin", "wants another way of logging in"]],
]);

/** The failure of a connection attempt, in words. */
export function refusalOf({ place, error }: Failure): PublisherError {
  const made = (reason: PublisherReason, words: string): PublisherError =>
    new PublisherError(reason, `${place} ${words}`, { cause: error });
  const code = error?.code;
  if (error === undefined) return made("BrokerUnreachable", "closed the connection without an answer");
  if (typeof code === "number") {
    const [reason, words] = ANSWERS.get(code) ?? ["BrokerRefuses", `refuses the connection (code ${String(code)})`];
    return made(reason, words);
  }
  if (typeof code !== "string") return made("BrokerRefuses", "does not answer in MQTT");
  const known = SYSTEM[code];
  if (known !== undefined) return made("BrokerUnreachable", `${known} (${code})`);
  if (UNTRUSTED.test(code)) return made("BrokerUntrusted", `shows a certificate that is not to be trusted (${code})`);
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return made("BrokerRefuses", `does not speak TLS there (${code})`);
  return made("BrokerUnreachable", `cannot be connected to (${code})`);
}

/** Whether the broker says that it speaks another version of MQTT. */
export function isOfVersion({ error }: Failure): boolean {
  return error?.code === 1 || error?.code === 132;
}

/** Whether it may be the version: the broker says so, or does not understand what it was sent. */
export function mayBeOfVersion(failure: Failure): boolean {
  const { error } = failure;
  const code = error?.code;
  return isOfVersion(failure) || code === undefined || code === 129 || code === 130 || code === "ECONNRESET";
}

const GOODBYES: ReadonlyMap<number, string> = new Map([
  [139, "the broker is shutting down"],
  [141, "the broker heard nothing from here"],
  [142, "another client has connected under the same name"],
  [147, "the broker was sent too much at once"],
  [149, "the broker does not take messages that long"],
  [152, "somebody closed it at the broker"],
]);

/** Why a broker of MQTT 5 closed the connection, by the code of its DISCONNECT (§3.14.2.1). */
export function goodbyeWords(code: number): string {
  return GOODBYES.get(code) ?? `the broker closed it (code ${String(code)})`;
}
