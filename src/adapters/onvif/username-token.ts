import { createHash, randomBytes } from "node:crypto";
import type { Instant } from "../../domain/duration.ts";

const WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss";

/**
 * The SOAP header that proves a password by its hash: `Base64(SHA-1(nonce + created + password))` (WS-Security UsernameToken Profile 1.0, §3.1; ONVIF Core
 * Specification, §5.9.1).
 * @param created by the device's clock: devices refuse a token that looks old
 */
export function usernameToken(
  { username, password }: { readonly username: string; readonly password: string },
  created: Instant,
  nonce: Uint8Array = randomBytes(16),
): string {
  const at = new Date(created).toISOString();
  const digest = createHash("sha1").update(nonce).update(at).update(password).digest("base64");
  return (
    `<Security s:mustUnderstand="1" xmlns="${WSS}-wssecurity-secext-1.0.xsd"><UsernameToken><Username>${escaped(username)}</Username>` +
    `<Password Type="${WSS}-username-token-profile-1.0#PasswordDigest">${digest}</Password>` +
    `<Nonce EncodingType="${WSS}-soap-message-security-1.0#Base64Binary">${Buffer.from(nonce).toString("base64")}</Nonce>` +
    `<Created xmlns="${WSS}-wssecurity-utility-1.0.xsd">${at}</Created></UsernameToken></Security>`
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
