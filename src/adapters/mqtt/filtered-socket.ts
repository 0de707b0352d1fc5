import { Duplex } from "node:stream";
import { asError } from "../../domain/thrown.ts";
import { OversizeFilter } from "./oversize.ts";

/**
 * The socket without the overlong messages. It ends, fails and is destroyed with the socket. Nothing empty is written: a WebSocket would send an empty
 * frame, upon which Mosquitto 2.1.2 reads the packet before once more and closes the connection.
 */
export function filteredSocket(socket: Duplex, onTooLong: (bytes: number) => void): Duplex {
  const filter = new OversizeFilter(onTooLong);
  const filtered = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Uint8Array, _encoding, done) => {
      if (chunk.length === 0) done();
      else socket.write(chunk, done);
    },
    // A packet is written in many small pieces: they leave together.
    writev: (chunks: readonly { readonly chunk: Uint8Array }[], done) => {
      const whole = Buffer.concat(chunks.map(({ chunk }) => chunk));
      if (whole.length === 0) done();
      else socket.write(whole, done);
    },
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Uint8Array) => {
    try {
      const goesOn = filter.pass(chunk).reduce((fits, part) => filtered.push(part) && fits, true);
      if (!goesOn) socket.pause();
    } catch (error) {
      filtered.destroy(asError(error));
    }
  });
  socket.on("end", () => void filtered.push(null));
  socket.on("error", (error) => void filtered.destroy(error));
  socket.on("close", () => void filtered.destroy());
  return filtered;
}
