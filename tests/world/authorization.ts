import { createHash, randomBytes } from "node:crypto";
import type { Behaviour } from "./behaviour.ts";

/** The WWW-Authenticate headers that ask for what the behaviour wants. */
export function challenges(behaviour: Behaviour, nonce: string): string[] {
  const basic = `Basic realm="${behaviour.realm}"`;
  const digest = `Digest realm="${behaviour.realm}", nonce="${nonce}"`;
  if (behaviour.auth === "none") return [];
  if (behaviour.auth === "basic") return [basic];
  return behaviour.auth === "digest" ? [digest] : [basic, digest];
}

export function newNonce(): string {
  return randomBytes(16).toString("hex");
}

/** Whether a request may pass. */
export function admits(behaviour: Behaviour, nonce: string, method: string, offered: string | undefined): boolean {
  if (behaviour.auth === "none") return true;
  if (offered === undefined) return false;
  if (behaviour.admitAnyone) return true;
  const basic = /^Basic (.+)$/i.exec(offered)?.[1];
  if (basic !== undefined) {
    if (behaviour.auth === "digest") return false;
    return Buffer.from(basic, "base64").toString() === `${behaviour.user}:${behaviour.password}`;
  }
  if (behaviour.auth === "basic" || !/^Digest /i.test(offered)) return false;
  const fields = Object.fromEntries(
    [...offered.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map((match) => [match[1], match[2] ?? match[3] ?? ""]),
  );
  if (fields["username"] !== behaviour.user || fields["realm"] !== behaviour.realm || fields["nonce"] !== nonce) return false;
  const ha1 = md5(`${behaviour.user}:${behaviour.realm}:${behaviour.password}`);
  const ha2 = md5(`${method}:${fields["uri"] ?? ""}`);
  const qop = fields["qop"];
  // RFC 2617 §3.2.2.1; without qop as in RFC 2069, which is what most cameras speak.
  const middle = qop === undefined ? nonce : [nonce, fields["nc"] ?? "", fields["cnonce"] ?? "", qop].join(":");
  return fields["response"] === md5(`${ha1}:${middle}:${ha2}`);
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
