import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { knockTcp, TcpConnect } from "../../../src/adapters/lan/tcp-connect.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { failureOf } from "../../fakes/failure-of.ts";

const here = "127.0.0.1" as IpAddress;
const prober = new TcpConnect(createSystemClock());
const signal = new AbortController().signal;

async function listen(): Promise<{ port: number; bytes: () => number; close: () => Promise<void> }> {
  const state = { bytes: 0 };
  const server = createServer((socket) => {
    socket.on("data", (piece) => (state.bytes += piece.length));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, here, resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port: address.port, bytes: () => state.bytes, close };
}

describe("TcpConnect", () => {
  it("finds an open port, says nothing there, and closes the connection", async () => {
    const server = await listen();
    expect(await prober.connect(here, server.port, seconds(5), signal)).toBe("open");
    // Resolves only once no connection is left.
    await server.close();
    expect(server.bytes()).toBe(0);
  });

  it("is refused by a closed port", async () => {
    const server = await listen();
    await server.close();
    expect(await prober.connect(here, server.port, seconds(5), signal)).toBe("refused");
  });

  it("calls an address that nothing can be sent to unreachable", async () => {
    expect(await prober.connect("255.255.255.255" as IpAddress, 80, seconds(5), signal)).toBe("unreachable");
  });

  it("does not begin when it is aborted already", async () => {
    const server = await listen();
    onTestFinished(server.close);
    const reason = new Error("enough");
    expect(await failureOf(prober.connect(here, server.port, seconds(5), AbortSignal.abort(reason)))).toBe(reason);
    expect(await knockTcp(here, server.port, AbortSignal.abort())).toBe("timeout");
  });
});
