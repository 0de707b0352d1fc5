/**
 * `GetEndpointReference` needs no password (access class PRE_AUTH, ONVIF Core Specification, device service); its GUID is "stable, globally
 * unique … constant across network interfaces".
 */
export const GET_ENDPOINT_REFERENCE =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
  '<GetEndpointReference xmlns="http://www.onvif.org/ver10/device/wsdl"/>' +
  "</s:Body></s:Envelope>";

/** Also the SOAP 1.2 action parameter of the Content-Type, which some cameras insist on. */
export const GET_ENDPOINT_REFERENCE_ACTION = "http://www.onvif.org/ver10/device/wsdl/GetEndpointReference";

/**
 * A WS-Discovery Probe for ONVIF devices (WS-Discovery April 2005, §5.2; ONVIF Core Specification, §7.3).
 * @param messageId a fresh URI; the answer names it under RelatesTo
 */
export function probeMessage(messageId: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>' +
    `<a:MessageID>${messageId}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>` +
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header><s:Body>" +
    "<d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"
  );
}

/**
 * The endpoint reference in an answer to `GetEndpointReference`, whatever its prefixes.
 * @returns undefined for a fault or anything else
 */
export function parseEndpointReference(xml: string): string | undefined {
  const body = elementText(xml, "GetEndpointReferenceResponse");
  return body === undefined ? undefined : canonicalEndpoint(elementText(body, "GUID") ?? elementText(body, "Address"));
}

/**
 * The endpoint reference in a ProbeMatches answer to our own Probe. Of its XAddrs only a port is taken: they may bear an address of the past.
 * @returns undefined where it answers another message
 */
export function parseProbeMatch(xml: string, messageId: string): Announcement | undefined {
  if (elementText(xml, "RelatesTo")?.trim() !== messageId) return undefined;
  return announcementIn(elementText(xml, "ProbeMatch"));
}

/**
 * What a device says when it joins the network (WS-Discovery April 2005, §4.1). As with a ProbeMatch, no address in it counts.
 * @returns undefined for anything but a Hello
 */
export function parseHello(xml: string): Announcement | undefined {
  return announcementIn(elementText(xml, "Hello"));
}

/** What a device says of itself in a ProbeMatch or a Hello. */
export interface Announcement {
  readonly endpoint: string;
  /** TCP port of the first service address that it names, without TLS. */
  readonly port?: number;
}

function announcementIn(xml: string | undefined): Announcement | undefined {
  const reference = xml === undefined ? undefined : elementText(xml, "EndpointReference");
  const endpoint = reference === undefined ? undefined : canonicalEndpoint(elementText(reference, "Address"));
  if (xml === undefined || endpoint === undefined) return undefined;
  const port = portIn(elementText(xml, "XAddrs") ?? "");
  return { endpoint, ...(port === undefined ? {} : { port }) };
}

function portIn(addresses: string): number | undefined {
  const [, , port] = /(?:^|\s)http:\/\/([^\s/:]+|\[[^\s/\]]+\])(?::(\d{1,5}))?(?:[/\s]|$)/i.exec(addresses) ?? [undefined, undefined, "0"];
  const number = port === undefined ? 80 : Number(port);
  return number > 0 && number < 65_536 ? number : undefined;
}

/**
 * One spelling for one device: devices write the same UUID as `urn:uuid:…`, `uuid:…` or bare, in either case, in different answers.
 * @returns undefined for an empty or overlong text
 */
export function canonicalEndpoint(text: string | undefined): string | undefined {
  const trimmed = (text ?? "").replaceAll("&amp;", "&").trim();
  if (trimmed === "" || trimmed.length > 256 || /[\s<>\p{Cc}]/u.test(trimmed)) return undefined;
  const uuid = /^(?:urn:)?(?:uuid:)?\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(trimmed)?.[1];
  if (uuid === undefined) return trimmed;
  // Firmwares without one send the nil UUID, all of them the same.
  return /^[0-]+$/.test(uuid) ? undefined : `urn:uuid:${uuid.toLowerCase()}`;
}

/** What is between the first tag of that local name and the next tag that closes it. Comments and CDATA are not understood: no device sends them. */
export function elementText(xml: string, localName: string): string | undefined {
  const open = new RegExp(`<(?:[\\w.-]+:)?${localName}(?:\\s[^<>]*)?>`, "u").exec(xml);
  if (open === null || open[0].endsWith("/>")) return undefined;
  const rest = xml.slice(open.index + open[0].length);
  const close = new RegExp(`</(?:[\\w.-]+:)?${localName}\\s*>`, "u").exec(rest);
  return close === null ? undefined : rest.slice(0, close.index);
}
