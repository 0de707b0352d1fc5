import { randomUUID } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { networkInterfaces } from "node:os";
import type { Behaviour, CameraEvent, CameraSettings } from "./behaviour.ts";
import { epochMilliseconds } from "./waiting.ts";

/** The part of an ONVIF device that answers without a password. */
export interface OnvifDevice {
  set(behaviour: Behaviour): void;
  /** Joins the discovery group on eth0 as it is now addressed, and says Hello. */
  announce(): void;
  /** Ends all connections. */
  drop(): void;
  close(): void;
}

const GROUP = "239.255.255.250";
const GROUP_PORT = 3702;
const BODY_LIMIT = 65_536;

const NAMESPACES = [
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope"',
  'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"',
  'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"',
  'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"',
  'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"',
  'xmlns:tt="http://www.onvif.org/ver10/schema"',
  'xmlns:ter="http://www.onvif.org/ver10/error"',
].join(" ");

/** Serves ONVIF on `settings.onvifPort`, and WS-Discovery where wanted. */
export async function serveOnvif(settings: CameraSettings, first: Behaviour, tell: (event: CameraEvent) => void): Promise<OnvifDevice> {
  let behaviour = first;
  const server = createServer((request, response) => void answer(request, response, settings, behaviour, tell));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(settings.onvifPort, "0.0.0.0", resolve));
  const socket = settings.discovery ? await serveDiscovery(settings, () => behaviour, tell) : undefined;
  return {
    set: (next) => {
      behaviour = next;
    },
    drop: () => server.closeAllConnections(),
    close: () => {
      server.close();
      server.closeAllConnections();
      socket?.close();
    },
    announce: () => {
      if (socket === undefined) return;
      // The kernel forgets the membership's route with the last address; leaving first makes joining again possible.
      attempt(() => socket.dropMembership(GROUP));
      attempt(() => socket.addMembership(GROUP));
      const body = `<d:Hello>${endpoint(settings)}<d:MetadataVersion>1</d:MetadataVersion></d:Hello>`;
      socket.send(envelope("http://schemas.xmlsoap.org/ws/2005/04/discovery/Hello", body), GROUP_PORT, GROUP);
    },
  };
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Not joined, or no address yet: the next announcement joins.
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  settings: CameraSettings,
  behaviour: Behaviour,
  tell: (event: CameraEvent) => void,
): Promise<void> {
  let body = "";
  for await (const piece of request.setEncoding("utf8")) {
    body += String(piece);
    if (body.length > BODY_LIMIT) return void request.destroy();
  }
  const operation = /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? "";
  const address = request.socket.localAddress ?? "";
  const known = openOperation(operation, `http://${address}:${settings.onvifPort}`, settings, behaviour);
  const swallowed = behaviour.silent || Math.random() < behaviour.loss;
  const status = swallowed ? 0 : known === undefined ? 400 : 200;
  const token = /<(?:\w+:)?UsernameToken[\s\S]*<\/(?:\w+:)?UsernameToken>/.exec(body)?.[0];
  tell({
    type: "request",
    at: epochMilliseconds(),
    protocol: "onvif",
    method: operation,
    url: request.url ?? "",
    peer: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
    status,
    offered: request.headers.authorization ?? token,
    agent: request.headers["user-agent"],
  });
  if (swallowed) return;
  if (behaviour.answerDelay > 0) await new Promise((resolve) => setTimeout(resolve, behaviour.answerDelay));
  response.writeHead(status, { "Content-Type": "application/soap+xml; charset=utf-8" });
  response.end(envelope(undefined, known ?? NOT_AUTHORIZED));
}

const NOT_AUTHORIZED =
  "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>" +
  '<s:Reason><s:Text xml:lang="en">Sender not authorized</s:Text></s:Reason></s:Fault>';

/** What is answered without a password: the operations of access class PRE_AUTH (ONVIF Core Specification, §8 and the device service). */
function openOperation(operation: string, base: string, settings: CameraSettings, behaviour: Behaviour): string | undefined {
  const service = (path: string, name: string): string =>
    `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/${name}/wsdl</tds:Namespace><tds:XAddr>${base}/onvif/${path}</tds:XAddr>` +
    "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>";
  switch (operation) {
    case "GetEndpointReference":
      return `<tds:GetEndpointReferenceResponse><tds:GUID>${settings.endpoint}</tds:GUID></tds:GetEndpointReferenceResponse>`;
    case "GetSystemDateAndTime":
      return dateAndTime(new Date(Date.now() + behaviour.clockAhead));
    case "GetServices":
      return `<tds:GetServicesResponse>${service("device_service", "device")}${service("media_service", "media")}</tds:GetServicesResponse>`;
    case "GetCapabilities":
      return (
        `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device><tt:XAddr>${base}/onvif/device_service</tt:XAddr></tt:Device>` +
        `<tt:Media><tt:XAddr>${base}/onvif/media_service</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`
      );
    default:
      return undefined;
  }
}

function dateAndTime(now: Date): string {
  const time = `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>`;
  const date = `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>`;
  return (
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>" +
    `<tt:UTCDateTime>${time}${date}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`
  );
}

function envelope(action: string | undefined, body: string, relatesTo?: string): string {
  const to =
    relatesTo === undefined
      ? "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
      : "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
  const relation = relatesTo === undefined ? "" : `<a:RelatesTo>${relatesTo}</a:RelatesTo>`;
  const header =
    action === undefined
      ? ""
      : `<s:Header><a:MessageID>urn:uuid:${randomUUID()}</a:MessageID>${relation}<a:To>${to}</a:To><a:Action>${action}</a:Action></s:Header>`;
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${NAMESPACES}>${header}<s:Body>${body}</s:Body></s:Envelope>`;
}

/** The endpoint reference, type and scopes, as Hello and ProbeMatch carry them. */
function endpoint(settings: CameraSettings): string {
  const scopes = ["type/video_encoder", `hardware/${settings.model}`, `name/${settings.model}`].map(
    (scope) => `onvif://www.onvif.org/${scope}`,
  );
  return (
    `<a:EndpointReference><a:Address>${settings.endpoint}</a:Address></a:EndpointReference>` +
    `<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${scopes.join(" ")}</d:Scopes>`
  );
}

async function serveDiscovery(settings: CameraSettings, behaviour: () => Behaviour, tell: (event: CameraEvent) => void): Promise<Socket> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("error", () => undefined);
  socket.on("message", (message, from) => {
    const text = message.subarray(0, BODY_LIMIT).toString();
    const id = /<(?:\w+:)?MessageID[^>]*>([^<]+)</.exec(text)?.[1];
    if (id === undefined || !/<(?:\w+:)?Probe[\s>]/.test(text)) return;
    const peer = `${from.address}:${from.port}`;
    tell({
      type: "request",
      at: epochMilliseconds(),
      protocol: "discovery",
      method: "Probe",
      url: "",
      peer,
      status: 200,
      offered: undefined,
      agent: undefined,
    });
    if (behaviour().silent) return;
    const own = networkInterfaces()["eth0"]?.find((one) => one.family === "IPv4")?.address ?? "0.0.0.0";
    const address = `<d:XAddrs>http://${own}:${settings.onvifPort}/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>`;
    const match = `<d:ProbeMatches><d:ProbeMatch>${endpoint(settings)}${address}</d:ProbeMatch></d:ProbeMatches>`;
    socket.send(envelope("http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches", match, id), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(GROUP_PORT, resolve));
  return socket;
}
