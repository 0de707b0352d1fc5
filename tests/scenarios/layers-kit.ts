import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";

/** Starts a program on a machine that lacks these others, as if they were not installed. @param folder of its own, for what that takes */
export function lacking(folder: string, ...programs: readonly string[]): readonly string[] {
  return ["unshare", "--mount", "--", join(import.meta.dirname, "without-programs.sh"), folder, programs.join(" ")];
}

/** Takes a UDP port as a program does that shares it with nobody. */
export async function holdPort(port: number): Promise<AsyncDisposable> {
  const socket = createSocket({ type: "udp4", reuseAddr: false });
  socket.bind(port);
  await once(socket, "listening");
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}
