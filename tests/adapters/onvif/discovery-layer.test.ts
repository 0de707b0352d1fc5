import { createSocket, type Socket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import { DiscoveryLayer } from "../../../src/adapters/onvif/discovery-layer.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import { LayerUnavailable } from "../../../src/ports/sightings.ts";
import { eventually } from "../../world/waiting.ts";

const GROUP = "239.255.255.250";
const PORT = 3702;
const HERE = "127.0.0.1" as IpAddress;
const loopback = { name: "lo", mac: "02:00:00:00:00:01" as MacAddress, address: HERE, network: { base: 0x7f000000, prefix: 8 } };
const GUID = "urn:uuid:11111111-2222-3333-4444-555555555555";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const hello = (endpoint: string): string =>
  `<e:Envelope><e:Body><d:Hello><a:EndpointReference><a:Address>${endpoint}</a:Address></a:EndpointReference>` +
  "<d:XAddrs>http://192.168.1.99/onvif/device_service</d:XAddrs></d:Hello></e:Body></e:Envelope>";

async function socketAt(address: string, port = 0, reuseAddr = true): Promise<Socket> {
  const socket = createSocket({ type: "udp4", reuseAddr });
  closing.push(() => socket.close());
  await new Promise<void>((resolve) => socket.bind({ port, address, exclusive: true }, resolve));
  return socket;
}

/** Something on the loopback network that sends to the group from an address of its own. */
async function sender(address: string): Promise<(...messages: readonly string[]) => Promise<void>> {
  const socket = await socketAt(address);
  socket.setMulticastInterface(HERE);
  return async (...messages) => {
    for (const message of messages) await new Promise((resolve) => socket.send(message, PORT, GROUP, resolve));
  };
}

function layer(): DiscoveryLayer {
  return new DiscoveryLayer({ clock: createSystemClock(), interfaces: () => Promise.resolve([loopback]) });
}

async function listening(): Promise<Sighting[]> {
  const seen: Sighting[] = [];
  const state = { ready: false };
  const stop = new AbortController();
  const watching = layer().watch(
    (sighting) => void seen.push(sighting),
    () => (state.ready = true),
    stop.signal,
  );
  closing.push(() => {
    stop.abort();
    return watching;
  });
  await eventually("the layer", () => state.ready);
  return seen;
}

describe("the discovery layer", () => {
  it("tells where a Hello came from, not what it says of itself, and leaves our own out", async () => {
    const seen = await listening();
    const [camera, ourselves] = [await sender("127.0.0.2"), await sender(HERE)];
    await ourselves(hello("urn:uuid:99999999-2222-3333-4444-555555555555"));
    await camera(hello(GUID.toUpperCase().replace("URN:UUID", "uuid")));
    await eventually("the sighting", () => seen.length > 0);
    expect(seen).toMatchObject([{ layer: "ws_discovery", endpoint: GUID, address: "127.0.0.2" }]);
  });

  it("is not upset by garbage, and tells a flood of the same Hello once", async () => {
    const seen = await listening();
    const [camera, last] = [await sender("127.0.0.3"), await sender("127.0.0.4")];
    await camera("", "<", "\u0000\u0001", hello(""), hello("x".repeat(300)), hello("<Hello>"), "<d:Hello>".repeat(5000));
    for (let count = 0; count < 200; count += 1) await camera(hello(GUID));
    // The kernel drops what does not fit its buffer.
    await eventually("the flood", () => seen.length > 0);
    await last(hello(GUID));
    await eventually("the last one", () => seen.some(({ address }) => address === "127.0.0.4"));
    expect(seen.map(({ address }) => address)).toEqual(["127.0.0.3", "127.0.0.4"]);
  });

  it("says so where a program holds the port for itself", async () => {
    await socketAt(GROUP, PORT, false);
    const watching = layer().watch(
      () => undefined,
      () => undefined,
      AbortSignal.timeout(2000),
    );
    await expect(watching).rejects.toThrow(LayerUnavailable);
    await expect(watching).rejects.toThrow(/3702 is held by a program that does not share it/);
  });
});
