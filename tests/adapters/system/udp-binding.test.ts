import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { whileBound } from "../../../src/adapters/system/udp-binding.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { pause } from "../../world/waiting.ts";

const HERE = "127.0.0.1";

class Refused extends Error {
  override readonly name = "Refused";
}
const refused = (cause: NodeJS.ErrnoException): Error => new Refused(cause.code ?? cause.message);

async function holder(reuseAddr: boolean): Promise<number> {
  const socket = createSocket({ type: "udp4", reuseAddr });
  onTestFinished(() => void socket.close());
  socket.bind({ port: 0, address: HERE, exclusive: true });
  await once(socket, "listening");
  return socket.address().port;
}

function waiting(): Promise<void> {
  return new Promise(() => undefined);
}

describe("a UDP binding", () => {
  it("hears what comes, ends by the abort alone, and leaves the port free", async () => {
    const stop = new AbortController();
    const heard = Promise.withResolvers<string>();
    const bound = Promise.withResolvers<number>();
    const held = whileBound(
      { port: 0, address: HERE },
      async (socket, over) => {
        socket.on("message", (bytes) => heard.resolve(bytes.toString()));
        bound.resolve(socket.address().port);
        await over;
      },
      refused,
      stop.signal,
    );
    const sender = createSocket("udp4");
    onTestFinished(() => void sender.close());
    const port = await bound.promise;
    sender.send("hello", port, HERE);
    expect(await heard.promise).toBe("hello");
    stop.abort();
    expect(await held).toBeUndefined();
    const next = createSocket("udp4");
    onTestFinished(() => void next.close());
    next.bind({ port, address: HERE, exclusive: true });
    await once(next, "listening");
  });

  it("shares a port with who shares it, and is refused by who does not", async () => {
    const bind = (port: number): Promise<void> =>
      whileBound({ port, address: HERE }, () => Promise.reject(new Error("bound")), refused, new AbortController().signal);
    expect(await failureOf(bind(await holder(true)))).toMatchObject({ message: "bound" });
    expect(await failureOf(bind(await holder(false)))).toMatchObject({ name: "Refused", message: "EADDRINUSE" });
  });

  it("is not made where it is over before", async () => {
    let used = false;
    const use = (): Promise<void> => {
      used = true;
      return waiting();
    };
    await whileBound({ port: 0, address: HERE }, use, refused, AbortSignal.abort());
    expect(used).toBe(false);
  });

  it("fails where the socket breaks, also while nobody waits for that yet", async () => {
    let ours: Socket | undefined;
    const use = async (socket: Socket, over: Promise<void>): Promise<void> => {
      ours = socket;
      socket.emit("error", Object.assign(new Error("network is down"), { code: "ENETDOWN" }));
      await pause(10);
      await over;
    };
    const held = whileBound({ port: 0, address: HERE }, use, refused, new AbortController().signal);
    expect(await failureOf(held)).toMatchObject({ name: "Refused", message: "ENETDOWN" });
    expect(() => ours?.address()).toThrow("Not running");
  });
});
