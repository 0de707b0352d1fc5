import { parseIp } from "../../src/domain/addresses.ts";
import { describeStreamServer, type ContractCamera } from "../contract/stream-server.ts";
import { FakeStreamServer } from "./fake-stream-server.ts";

describeStreamServer("the fake stream server", async ({ streams, unwritable = false }) => {
  const camera = (address: string): ContractCamera => ({
    url: `rtsp://viewer:canary-fake@${address}:554/live`,
    address,
    leave: async () => void server.delivering.delete(parsed(address)),
  });
  const cameras = [camera("192.0.2.2"), camera("192.0.2.3")] as const;
  const microphone = camera("192.0.2.4");
  const server = new FakeStreamServer({ streams: streams(cameras[0].url, microphone.url), unwritable });
  for (const { address } of [...cameras, microphone]) server.delivering.add(parsed(address));
  return {
    server,
    cameras,
    microphone,
    client: async (name) => {
      const client = server.attach(name);
      return { packets: () => client.packets(), close: async () => client.close() };
    },
    close: async () => server.setGone(true),
  };
});

function parsed(address: string): NonNullable<ReturnType<typeof parseIp>> {
  const ip = parseIp(address);
  if (ip === undefined) throw new Error(`${address} is no address`);
  return ip;
}
