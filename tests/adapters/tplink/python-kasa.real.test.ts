import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { probeWithKey } from "../../../src/adapters/tplink/probe.ts";
import { part } from "../../parts.ts";
import { serveTplink } from "../../world/vendor-responders.ts";

const ID = "80224F5A11B2C3D4E5F60718293A4B5C6D7E8F90";
const HERE = "127.0.16.3";

/** What a message is made of; the sender's number and the key are each one's own. */
function parts(message: Buffer): unknown {
  const unchecked = Buffer.from(message);
  unchecked.writeUInt32BE(0x5a6b7c8d, 12);
  const { params, ...more } = JSON.parse(message.subarray(16).toString()) as { readonly params: { readonly rsa_key: string } };
  const { rsa_key: pem, ...others } = params;
  const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(pem);
  return {
    versionTypeAndOperation: message.subarray(0, 4).toString("hex"),
    saysItsLength: message.readUInt16BE(4) === message.length - 16,
    flags: message.subarray(6, 8).toString("hex"),
    isChecked: message.readUInt32BE(12) === crc32(unchecked),
    more,
    others,
    pemLines: pem.split("\n").map((line) => line.length),
    asymmetricKeyType,
    modulus: asymmetricKeyDetails?.modulusLength,
  };
}

test("python-kasa asks as we do, and discovers the responder of these tests with all that it encrypts", async () => {
  const device = await serveTplink(ID, { host: HERE });
  onTestFinished(() => device.close());
  const program = join(import.meta.dirname, "..", "..", "world", "kasa-peer.py");
  const { stdout } = await execa(part("python-kasa", "0.12.0/bin/whole"), [program, HERE, "1"], { timeout: 20_000 });
  const [question = "", told = ""] = stdout.split("\n");
  expect(parts(Buffer.from(probeWithKey()))).toEqual(parts(Buffer.from(question, "hex")));
  expect(JSON.parse(told)).toMatchObject({
    [HERE]: {
      device_type: "SMART.IPCAMERA",
      device_model: "C210",
      device_id: ID,
      mac: "9C-53-22-AA-BB-CC",
      decrypted_data: { connect_ssid: "home", http_port: 443 },
    },
  });
});
