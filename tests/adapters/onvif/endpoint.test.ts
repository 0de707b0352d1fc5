import { describe, expect, it, onTestFinished } from "vitest";
import { OnvifEndpointProber } from "../../../src/adapters/onvif/endpoint.ts";
import { postSoap } from "../../../src/adapters/onvif/soap-post.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";
import { serveSoap, type SoapAnswer, type SoapServer } from "./soap-server.ts";

const here = "127.0.0.1" as IpAddress;
const prober = new OnvifEndpointProber(createSystemClock());
const signal = new AbortController().signal;
const endpoint = (digit: number): string => `urn:uuid:${String(digit).repeat(8)}-2222-3333-4444-555555555555`;
const device = (digit: number): SoapAnswer => ({
  body: `<tds:GetEndpointReferenceResponse><tds:GUID>${endpoint(digit)}</tds:GUID></tds:GetEndpointReferenceResponse>`,
});

async function serve(answer: SoapAnswer): Promise<SoapServer> {
  const server = await serveSoap(answer);
  onTestFinished(server.close);
  return server;
}

describe("OnvifEndpointProber", () => {
  it("asks for the reference alone, and shows no credential", async () => {
    const server = await serve(device(1));
    expect(await prober.endpoint(here, [server.port], seconds(5), signal)).toBe(endpoint(1));
    expect(server.requests).toHaveLength(1);
    const request = server.requests[0];
    expect(request?.path).toBe("/onvif/device_service");
    expect(request?.headers["content-type"]).toContain("application/soap+xml");
    expect(request?.headers).not.toHaveProperty("authorization");
    expect(request?.body).toContain("GetEndpointReference");
    expect(request?.body).not.toMatch(/Security|Password/);
  });

  it("takes the earliest port of the list that knows, however slow the others are", async () => {
    const [first, second, fault] = [await serve(device(1)), await serve(device(2)), await serve({ status: 500, body: "<s:Fault/>" })];
    expect(await prober.endpoint(here, [fault.port, second.port, first.port], seconds(5), signal)).toBe(endpoint(2));
    expect(await prober.endpoint(here, [first.port, second.port], seconds(5), signal)).toBe(endpoint(1));
  });

  it("asks further ports after the first four", async () => {
    const deaf = await Promise.all(Array.from({ length: 5 }, () => serve({ status: 404, raw: "" })));
    const server = await serve(device(3));
    expect(await prober.endpoint(here, [...deaf.map(({ port }) => port), server.port], seconds(5), signal)).toBe(endpoint(3));
  });

  it("follows no redirect", async () => {
    const target = await serve(device(1));
    const server = await serve({ status: 307, headers: { Location: `http://127.0.0.1:${target.port}/onvif/device_service` }, raw: "" });
    expect(await prober.endpoint(here, [server.port], milliseconds(500), signal)).toBeUndefined();
    expect(target.requests).toEqual([]);
  });

  it("leaves a server that never ends its answer in time", async () => {
    const server = await serve({ write: (send) => send("<s:Envelope>") });
    expect(await prober.endpoint(here, [server.port], milliseconds(400), signal)).toBeUndefined();
  });
});

describe("the port of an ONVIF service", () => {
  it("is the first that speaks SOAP, also where it refuses without a password; a web page is none", async () => {
    const page = await serve({ status: 404, raw: "<html><body>Envelope</body></html>" });
    const refuses = await serve({ status: 401, body: "<s:Fault><s:Reason>Sender not authorized</s:Reason></s:Fault>" });
    const knows = await serve(device(1));
    expect(await prober.onvifPort(here, [page.port, refuses.port, knows.port], seconds(5), signal)).toBe(refuses.port);
    expect(await prober.onvifPort(here, [page.port, knows.port, refuses.port], seconds(5), signal)).toBe(knows.port);
  });

  it("is found beside ports that swallow everything", async () => {
    const deaf = await Promise.all(Array.from({ length: 5 }, () => serve({ silent: true })));
    const knows = await serve(device(1));
    expect(await prober.onvifPort(here, [...deaf.map(({ port }) => port), knows.port], seconds(5), signal)).toBe(knows.port);
  });
});

describe("postSoap", () => {
  it("reads no more than 64 KiB", async () => {
    const server = await serve({ raw: `${"x".repeat(65_537)}` });
    expect(await postSoap(here, server.port, "/", "a", "<x/>", AbortSignal.timeout(5_000))).toBeUndefined();
    const just = await serve({ raw: "x".repeat(65_536) });
    expect(await postSoap(here, just.port, "/", "a", "<x/>", AbortSignal.timeout(5_000))).toHaveLength(65_536);
  });

  it("gives nothing where the port is closed or the deadline over", async () => {
    const server = await serveSoap({});
    await server.close();
    expect(await postSoap(here, server.port, "/", "a", "<x/>", AbortSignal.timeout(5_000))).toBeUndefined();
    expect(await postSoap(here, server.port, "/", "a", "<x/>", AbortSignal.abort())).toBeUndefined();
  });
});
