import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalEndpoint,
  parseEndpointReference,
  parseHello,
  parseProbeMatch,
  probeMessage,
} from "../../../src/adapters/onvif/messages.ts";

const UUID = "4d454930-0000-1000-8000-bcbac2a1b2c3";

describe("parseEndpointReference", () => {
  it.each([
    `<tds:GetEndpointReferenceResponse><tds:GUID>urn:uuid:${UUID}</tds:GUID></tds:GetEndpointReferenceResponse>`,
    `<GetEndpointReferenceResponse xmlns="http://www.onvif.org/ver10/device/wsdl">\n <GUID>\n uuid:${UUID.toUpperCase()}\n</GUID>\n</GetEndpointReferenceResponse>`,
    `<ns1:GetEndpointReferenceResponse><ns1:GUID xsi:type="xs:string">{${UUID}}</ns1:GUID></ns1:GetEndpointReferenceResponse >`,
  ])("reads %j", (body) => {
    expect(parseEndpointReference(`<?xml version="1.0"?><s:Envelope><s:Body>${body}</s:Body></s:Envelope>`)).toBe(`urn:uuid:${UUID}`);
  });

  it("keeps a reference that is no UUID as it is", () => {
    const xml = "<x:GetEndpointReferenceResponse><x:GUID> http://vendor/Device?a=1&amp;b=2 </x:GUID></x:GetEndpointReferenceResponse>";
    expect(parseEndpointReference(xml)).toBe("http://vendor/Device?a=1&b=2");
  });

  it.each([
    "",
    "<html><body>GUID</body></html>",
    "<s:Fault><s:Reason>Sender not authorized</s:Reason></s:Fault>",
    "<GetEndpointReferenceResponse/>",
    "<GetEndpointReferenceResponse></GetEndpointReferenceResponse>",
    "<GetEndpointReferenceResponse><GUID></GUID></GetEndpointReferenceResponse>",
    "<GetEndpointReferenceResponse><GUID>urn:uuid:00000000-0000-0000-0000-000000000000</GUID></GetEndpointReferenceResponse>",
    `<GetEndpointReferenceResponse><GUID>${"a".repeat(257)}</GUID></GetEndpointReferenceResponse>`,
    `<GetEndpointReferenceResponse><GUID>urn:uuid:${UUID}`,
    `<Other><GUID>urn:uuid:${UUID}</GUID></Other>`,
  ])("finds none in %j", (xml) => {
    expect(parseEndpointReference(xml)).toBeUndefined();
  });
});

describe("parseProbeMatch", () => {
  const id = "urn:uuid:aaaaaaaa-0000-1000-8000-000000000001";
  const answer = (relatesTo: string): string =>
    `<s:Envelope><s:Header><a:RelatesTo>${relatesTo}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>` +
    `<a:EndpointReference><a:Address>urn:uuid:${UUID}</a:Address></a:EndpointReference>` +
    "<d:XAddrs>http://192.168.50.50:80/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>";

  it("reads the answer to our own message", () => {
    expect(parseProbeMatch(answer(id), id)?.endpoint).toBe(`urn:uuid:${UUID}`);
  });

  it("reads a Hello, and takes nothing else for one", () => {
    expect(parseHello(`<d:Hello><a:EndpointReference><a:Address>${UUID}</a:Address></a:EndpointReference></d:Hello>`)).toEqual({
      endpoint: `urn:uuid:${UUID}`,
    });
    expect(parseHello(answer(id))).toBeUndefined();
    expect(parseHello("<d:Bye><a:EndpointReference><a:Address>x</a:Address></a:EndpointReference></d:Bye>")).toBeUndefined();
  });

  it.each([
    ["http://192.168.1.9/onvif/device_service", 80],
    ["https://192.168.1.9/onvif http://192.168.1.9:10080/onvif/device_service", 10_080],
    ["http://[fe80::1]:8899/onvif http://192.168.1.9:81/", 8899],
    ["  http://camera.lan:2020", 2020],
    ["https://192.168.1.9:443/onvif", undefined],
    ["http://192.168.1.9:99999/x", undefined],
    ["http://192.168.1.9:0/x", undefined],
    ["", undefined],
  ])("of the addresses %j takes the port alone: %s", (addresses, port) => {
    const match = answer(id).replace("http://192.168.50.50:80/onvif/device_service", addresses);
    expect(parseProbeMatch(match, id)?.port).toBe(port);
  });

  it("drops an answer to another message, and a Hello", () => {
    expect(parseProbeMatch(answer("urn:uuid:bbbbbbbb-0000-1000-8000-000000000001"), id)).toBeUndefined();
    expect(
      parseProbeMatch(`<d:Hello><a:EndpointReference><a:Address>urn:uuid:${UUID}</a:Address></a:EndpointReference></d:Hello>`, id),
    ).toBeUndefined();
    expect(parseProbeMatch(answer(id).replaceAll("ProbeMatch", "ResolveMatch"), id)).toBeUndefined();
  });
});

describe("canonicalEndpoint", () => {
  it.each([`urn:uuid:${UUID}`, `uuid:${UUID}`, UUID, `URN:UUID:${UUID.toUpperCase()}`, `  {${UUID}} `])("spells %j in one way", (text) => {
    expect(canonicalEndpoint(text)).toBe(`urn:uuid:${UUID}`);
  });

  it.each([undefined, "", "  ", "two words", "a\u0007b"])("refuses %j", (text) => {
    expect(canonicalEndpoint(text)).toBeUndefined();
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const once = canonicalEndpoint(text);
        expect(canonicalEndpoint(once?.replaceAll("&", "&amp;"))).toBe(once);
      }),
    );
  });
});

describe("probeMessage", () => {
  it("bears its id and asks for ONVIF devices", () => {
    expect(probeMessage("urn:uuid:1")).toContain("<a:MessageID>urn:uuid:1</a:MessageID>");
    expect(probeMessage("urn:uuid:1")).toContain("<d:Types>dn:NetworkVideoTransmitter</d:Types>");
  });
});
