import { type IpAddress, type MacAddress, parseMac } from "../../domain/addresses.ts";
import { type Duration, type Instant, instant } from "../../domain/duration.ts";
import type { InterfacesReading } from "../../ports/camera-details.ts";
import type { Clock } from "../../ports/clock.ts";
import { askClock } from "./clock.ts";
import { type DigestAnswer, isNotAuthorized, postWithDigest } from "./digest-post.ts";
import { elementText } from "./messages.ts";
import { exchangeSoap, type SoapAnswer, type SoapQuestion } from "./soap-post.ts";

const DEVICE_SERVICE = "/onvif/device_service";
const NAMESPACE = "http://www.onvif.org/ver10/device/wsdl";
const MOST_MACS = 4;

/** How a password is proved without being sent. */
export interface PasswordProofs {
  readonly digest: DigestAnswer;
  /** The security header of one message. @param created by the device's clock */
  readonly token: (created: Instant) => string;
}

/**
 * The MAC addresses that a camera says it has, by `GetNetworkInterfaces` (access class READ_SYSTEM, ONVIF Core Specification, device service): by HTTP Digest;
 * by a UsernameToken, once, where the device says NotAuthorized in SOAP alone. Never by Basic.
 * @throws the signal's reason when aborted
 */
export async function askInterfaces(
  clock: Clock,
  address: IpAddress,
  ports: readonly number[],
  proofs: PasswordProofs,
  within: Duration,
  signal: AbortSignal,
): Promise<InterfacesReading> {
  signal.throwIfAborted();
  const deadline = clock.deadline("onvif interfaces", within, signal);
  for (const port of ports.slice(0, 16)) {
    const question: SoapQuestion = {
      address,
      port,
      path: DEVICE_SERVICE,
      action: `${NAMESPACE}/GetNetworkInterfaces`,
      body: envelope(""),
    };
    const answer = await postWithDigest(question, proofs.digest, deadline);
    signal.throwIfAborted();
    if (answer === "refused" || answer === "not-offered") return { kind: "refused" };
    if (answer === "by-token") {
      const offset = await askClock(clock, address, [port], within, deadline).catch(() => undefined);
      signal.throwIfAborted();
      const header = proofs.token(instant(clock.now() + (offset ?? 0)));
      const second = await exchangeSoap({ ...question, body: envelope(header) }, {}, deadline);
      signal.throwIfAborted();
      if (second === undefined) return { kind: "no-answer" };
      return second.status === 401 || isNotAuthorized(second) ? { kind: "refused" } : (reading(second) ?? { kind: "no-answer" });
    }
    const found = answer === "no-answer" ? undefined : reading(answer);
    if (found !== undefined) return found;
    if (deadline.aborted) break;
  }
  return { kind: "no-answer" };
}

function reading({ text }: SoapAnswer): InterfacesReading | undefined {
  const body = elementText(text, "GetNetworkInterfacesResponse");
  return body === undefined ? undefined : { kind: "macs", macs: hardwareAddresses(body) };
}

/** At most four, each once; a group's is none. */
export function hardwareAddresses(xml: string): readonly MacAddress[] {
  const texts = [...xml.matchAll(/<(?:[\w.-]+:)?HwAddress(?:\s[^<>]{0,256})?>([^<]{1,64})</g)].map(([, text = ""]) => text.trim());
  const macs = texts.flatMap((text) => parseMac(text) ?? []);
  return [...new Set(macs)].slice(0, MOST_MACS);
}

function envelope(header: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">' +
    `${header === "" ? "" : `<s:Header>${header}</s:Header>`}<s:Body><GetNetworkInterfaces xmlns="${NAMESPACE}"/></s:Body></s:Envelope>`
  );
}
