import { describe, expect, it, onTestFinished } from "vitest";
import { UdpQuestions } from "../../../src/adapters/lan/udp-questions.ts";
import { readMessage, writeMessage } from "../../../src/adapters/reolink/packet.ts";
import { ReolinkUid } from "../../../src/adapters/reolink/uid.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";
import { reolinkMessage, serveReolink } from "../../world/vendor-responders.ts";

const UID = "9527000ABCDEF123";
const HERE = "127.0.15.1" as IpAddress;
const { signal } = new AbortController();
const reolink = new ReolinkUid(new UdpQuestions(createSystemClock()));

describe("a message", () => {
  it("is what reolink-aio 0.22 writes for the same text", () => {
    // encrypt_udp_baichuan and calc_crc of reolink_aio/baichuan/util.py, transaction 12345.
    expect(Buffer.from(writeMessage({ transaction: 12_345, xml: "<P2P></P2P>" })).toString("hex")).toBe(
      "3acf872a0b0000000100000039300000" + REOLINK_AIO,
    );
  });

  it("comes back as it went, and nothing else is read", () => {
    const message = { transaction: 999_999, xml: "<P2P><uid>ü</uid></P2P>" };
    const bytes = writeMessage(message);
    expect(readMessage(bytes)).toEqual(message);
    expect(readMessage(reolinkMessage(message.transaction, message.xml))).toEqual(message);
    for (let at = 0; at < bytes.length; at += 1) {
      if (at >= 8 && at < 12) continue;
      const broken = Uint8Array.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(readMessage(broken), `byte ${String(at)}`).not.toEqual(message);
    }
    expect(readMessage(bytes.subarray(0, 19))).toBeUndefined();
    expect(readMessage(bytes.subarray(0, bytes.length - 1))).toBeUndefined();
    expect(readMessage(new Uint8Array())).toBeUndefined();
  });
});

/** Checksum and body of the above. */
const REOLINK_AIO = "7f452cb5b83c1f4ff893430ab60e29";

describe("the number of a device", () => {
  it("is told to whoever asks", async () => {
    const device = await serveReolink(UID.toLowerCase(), [2015], HERE);
    onTestFinished(() => device.close());
    expect(await reolink.uid(HERE, seconds(5), signal)).toEqual({ uid: `reolink:${UID}` });
  });

  it("is not learned of a device that has none, nor where nobody listens, which is known at once", async () => {
    const device = await serveReolink("0000000000000000", [2015], HERE);
    onTestFinished(() => device.close());
    expect(await reolink.uid(HERE, milliseconds(100), signal)).toBeUndefined();
    const started = performance.now();
    expect(await reolink.uid("127.0.15.2" as IpAddress, seconds(20), signal)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it("is asked for until the signal aborts", async () => {
    const stop = new AbortController();
    const device = await serveReolink("short", [2015], HERE);
    onTestFinished(() => device.close());
    const asked = reolink.uid(HERE, seconds(20), stop.signal);
    stop.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });
});
