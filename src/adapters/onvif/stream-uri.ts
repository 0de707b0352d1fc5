import type { IpAddress } from "../../domain/addresses.ts";
import type { Duration } from "../../domain/duration.ts";
import type { StreamUriReading } from "../../ports/camera-details.ts";
import type { Clock } from "../../ports/clock.ts";
import { type DigestAnswer, type DigestPost, postWithDigest } from "./digest-post.ts";
import { elementText } from "./messages.ts";

const MEDIA = "http://www.onvif.org/ver10/media/wsdl";
/** Where cameras serve media; most take any request at their device service. */
const SERVICES = ["/onvif/media_service", "/onvif/Media", "/onvif/device_service"];
const MOST_PROFILES = 4;

/**
 * Where a camera says its streams are: path and query of each profile's address, by `GetProfiles` and `GetStreamUri` (ONVIF Media Service, §5.2 and §5.15).
 * The host that it names is not looked at: it may be one of the past.
 * @throws the signal's reason when aborted
 */
export async function askStreamPaths(
  clock: Clock,
  address: IpAddress,
  ports: readonly number[],
  answer: DigestAnswer,
  within: Duration,
  signal: AbortSignal,
): Promise<StreamUriReading> {
  const deadline = clock.deadline("onvif stream uri", within, signal);
  for (const port of ports.slice(0, 16)) {
    for (const path of SERVICES) {
      const ask = (operation: string, body: string): Promise<DigestPost> =>
        postWithDigest({ address, port, path, action: `${MEDIA}/${operation}`, body: envelope(body) }, answer, deadline);
      const profiles = await ask("GetProfiles", `<GetProfiles xmlns="${MEDIA}"/>`);
      signal.throwIfAborted();
      // One refusal is enough: each further try could lock the account.
      if (profiles === "refused" || profiles === "not-offered" || profiles === "by-token") return { kind: "refused" };
      if (deadline.aborted) return { kind: "no-answer" };
      // Nobody listens on the port.
      if (profiles === "no-answer") break;
      const paths: string[] = [];
      for (const token of profileTokens(profiles.text)) {
        const uri = await ask("GetStreamUri", streamUriQuestion(token));
        signal.throwIfAborted();
        if (uri === "refused" || uri === "by-token") return { kind: "refused" };
        const found = typeof uri === "string" ? undefined : streamPath(uri.text);
        if (found !== undefined && !paths.includes(found)) paths.push(found);
      }
      if (paths.length > 0) return { kind: "paths", paths };
    }
  }
  return { kind: "no-answer" };
}

/** At most four, without what could end the attribute or element that they are put into. */
export function profileTokens(xml: string): readonly string[] {
  const found = [...xml.matchAll(/<(?:[\w.-]+:)?Profiles\s[^<>]*?token="([^"<>&]{1,64})"/g)].map(([, token = ""]) => token);
  return found.slice(0, MOST_PROFILES);
}

/** Path and query of the RTSP address in a `GetStreamUri` answer. */
export function streamPath(xml: string): string | undefined {
  const uri = elementText(xml, "Uri")?.replaceAll("&amp;", "&").trim() ?? "";
  const path = /^rtsps?:\/\/[^/]*(\/.*)$/i.exec(uri)?.[1];
  return path === undefined || path.length > 512 || /[\s<>\p{Cc}]/u.test(path) ? undefined : path;
}

function streamUriQuestion(token: string): string {
  return (
    `<GetStreamUri xmlns="${MEDIA}"><StreamSetup><Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream>` +
    '<Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol></Transport></StreamSetup>' +
    `<ProfileToken>${token}</ProfileToken></GetStreamUri>`
  );
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`;
}
