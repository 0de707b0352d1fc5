import { createSocket } from "node:dgram";
import { describe, expect, it, onTestFinished } from "vitest";
import { UdpQuestions } from "../../../src/adapters/lan/udp-questions.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { readAnswer, TplinkDeviceId } from "../../../src/adapters/tplink/device-id.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { serveTplink } from "../../world/vendor-responders.ts";

const ID = "80224F5A11B2C3D4E5F60718293A4B5C6D7E8F90";
const HERE = "127.0.16.1" as IpAddress;
const { signal } = new AbortController();
const header = Buffer.alloc(16, 2);
const answer = (body: string): Uint8Array => Buffer.concat([header, Buffer.from(body)]);

describe("a Tapo or Kasa device", () => {
  it("tells its id and MAC address; the address that it names is not believed", async () => {
    const device = await serveTplink(ID, { host: HERE });
    onTestFinished(() => device.close());
    const tplink = new TplinkDeviceId(new UdpQuestions(createSystemClock()));
    expect(await tplink.uid(HERE, seconds(5), signal)).toEqual({ uid: `tplink:${ID}`, mac: "9c:53:22:aa:bb:cc" });
  });

  it.each([20_002, 20_004])("is asked on port %d with and without a key: plugs answer to the older question alone", async (port) => {
    const socket = createSocket("udp4");
    onTestFinished(() => void socket.close());
    socket.on("message", (bytes, from) => {
      if (bytes.toString("hex") === "020000010000000000000000463cb5d3")
        socket.send(answer(JSON.stringify({ result: { device_id: ID } })), from.port, from.address);
    });
    await new Promise<void>((resolve) => void socket.bind(port, HERE, resolve));
    const tplink = new TplinkDeviceId(new UdpQuestions(createSystemClock()));
    expect(await tplink.uid(HERE, seconds(5), signal)).toEqual({ uid: `tplink:${ID}` });
  });

  it("that does not answer, or whose network is gone, is waited for no longer than asked", async () => {
    const tplink = new TplinkDeviceId(new UdpQuestions(createSystemClock()));
    expect(await tplink.uid("127.0.16.9" as IpAddress, seconds(5), signal)).toBeUndefined();
    const gone = AbortSignal.abort(new Error("over"));
    await expect(tplink.uid(HERE, seconds(5), gone)).rejects.toThrow("over");
  });

  it("is not known by its id where it tells none", () => {
    expect(readAnswer(answer(JSON.stringify({ result: { device_id: ID } })))).toEqual({ uid: `tplink:${ID}` });
    for (const body of [
      "",
      "{",
      "null",
      "[]",
      "7",
      "{}",
      '{"result":null}',
      '{"result":{"device_id":7}}',
      '{"result":{"device_id":"a b"}}',
    ]) {
      expect(readAnswer(answer(body)), body).toBeUndefined();
    }
    expect(readAnswer(new Uint8Array())).toBeUndefined();
    expect(readAnswer(Buffer.concat([Buffer.alloc(16, 1), Buffer.from(JSON.stringify({ result: { device_id: ID } }))]))).toBeUndefined();
  });
});
