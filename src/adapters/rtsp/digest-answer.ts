import { chooseChallenge, parseChallenges } from "./digest.ts";
import { authorize } from "./prober.ts";
import { parseRtspUrl } from "./url.ts";

/**
 * Answers a server's challenges with user and password of an RTSP URL, by Digest alone: Basic is never answered.
 * @returns undefined where the URL bears none
 */
export function digestAnswer(
  loginUrl: string,
): ((challenges: readonly string[], method: string, uri: string) => string | undefined) | undefined {
  const credentials = parseRtspUrl(loginUrl)?.credentials;
  if (credentials === undefined) return undefined;
  return (challenges, method, uri) => {
    const chosen = chooseChallenge(parseChallenges(challenges), false);
    return chosen === undefined || chosen === "basic-only" ? undefined : authorize(chosen, credentials, method, uri, 1);
  };
}
