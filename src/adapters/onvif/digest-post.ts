import { exchangeSoap, type SoapAnswer, type SoapQuestion } from "./soap-post.ts";

/**
 * Answers a server's challenges for one request: the value of `Authorization`, by Digest alone.
 * @param challenges every `WWW-Authenticate` header
 * @returns undefined where there is no Digest challenge that we can answer: then nothing is sent
 */
export type DigestAnswer = (challenges: readonly string[], method: string, uri: string) => string | undefined;

/**
 * How a question with a login ended. `refused`: the password was not taken; `not-offered`: Digest is not asked for, and nothing was sent; `by-token`: the
 * device says NotAuthorized in SOAP alone, so it may want the password's hash in the message.
 */
export type DigestPost = SoapAnswer | "refused" | "not-offered" | "by-token" | "no-answer";

/**
 * Asks without a password first, and answers a 401 by HTTP Digest once (ONVIF Core Specification, §5.9.1: clients shall support it). Basic is never answered.
 * The password leaves only as a hash, and only after the server asked: still, ask only a device that was proved.
 */
export async function postWithDigest(question: SoapQuestion, answer: DigestAnswer, deadline: AbortSignal): Promise<DigestPost> {
  const first = await exchangeSoap(question, {}, deadline);
  if (first === undefined) return "no-answer";
  if (first.status !== 401 && !isNotAuthorized(first)) return first;
  const authorization = answer(first.challenges, "POST", question.path);
  if (authorization === undefined) return isNotAuthorized(first) ? "by-token" : "not-offered";
  const second = await exchangeSoap(question, { Authorization: authorization }, deadline);
  if (second === undefined) return "no-answer";
  // A 401 to our answer is a wrong password: another way of saying it would only count as one more.
  if (second.status === 401) return "refused";
  return isNotAuthorized(second) ? "by-token" : second;
}

/** Some devices say it in a fault with another status. */
export function isNotAuthorized({ text }: SoapAnswer): boolean {
  return /<(?:[\w.-]+:)?Fault[\s>]/.test(text) && /NotAuthorized/.test(text);
}
