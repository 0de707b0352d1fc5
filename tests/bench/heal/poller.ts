import { createSocket } from "node:dgram";
import { readFile, writeFile } from "node:fs/promises";
import { ipToNumber, numberToIp, type IpAddress, type MacAddress } from "../../../src/domain/addresses.ts";
import type { Home } from "../../world/home.ts";
import { pause } from "../../world/waiting.ts";

/** From one look at the network to the next, ms. */
export const POLL_EVERY = 60_000;
/** The kernel asks for an address up to three times, a second apart. */
const ANSWERS = 1_500;

/**
 * The peer: a program that looks every 60 s. It pokes every address of the /24 by UDP, reads the kernel's ARP table, and where a camera's
 * MAC stands at another address than the configured one, tells go2rtc by PATCH and PUT and rewrites the document. It proves nothing.
 */
export interface Poller extends AsyncDisposable {
  stop(): Promise<void>;
}

/** Starts to look at once; every camera is where the document says. */
export function startPoller(home: Home): Poller {
  const end = new AbortController();
  const configured = new Map<MacAddress, IpAddress>(
    home.cameras.flatMap((camera) => (camera.address === undefined ? [] : [[camera.mac, camera.address] as const])),
  );
  const look = async (): Promise<void> => {
    await pokeAll(home);
    await pause(ANSWERS, end.signal);
    const seen = await arpTable();
    for (const camera of home.cameras) {
      const from = configured.get(camera.mac);
      const to = seen.find((entry) => entry.mac === camera.mac && entry.address !== from)?.address;
      if (from === undefined || to === undefined || end.signal.aborted) continue;
      configured.set(camera.mac, to);
      await home.go2rtc.patch(camera.name, camera.url(to));
      await home.go2rtc.put(camera.name, [camera.url(to)]);
      const text = await home.readDocument();
      await writeFile(home.document, text.replaceAll(new RegExp(`(?<![\\d.])${from.replaceAll(".", "\\.")}(?![\\d.])`, "g"), to));
    }
  };
  const loop = (async (): Promise<void> => {
    while (!end.signal.aborted) {
      const begun = performance.now();
      await look();
      await pause(Math.max(0, POLL_EVERY - (performance.now() - begun)), end.signal);
    }
  })();
  const stop = async (): Promise<void> => {
    end.abort();
    await loop;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

/** One datagram to the discard port of every address; one socket bears no more than about 250 unresolved addresses. */
async function pokeAll(home: Home): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => undefined);
  try {
    const sent = Array.from({ length: 254 }, (_, index) => numberToIp(ipToNumber(home.lan.at(0)) + index + 1))
      .filter((address) => address !== home.lan.home.address)
      .map((address) => new Promise<void>((resolve) => socket.send(Buffer.of(0), 9, address, () => resolve())));
    await Promise.all(sent);
  } finally {
    socket.close();
  }
}

/** The complete entries of /proc/net/arp (flag 0x2, see proc(5)). */
async function arpTable(): Promise<readonly { readonly address: IpAddress; readonly mac: MacAddress }[]> {
  const [, ...lines] = (await readFile("/proc/net/arp", "utf8")).trimEnd().split("\n");
  return lines.flatMap((line) => {
    const [address, , flags, mac] = line.split(/\s+/);
    return flags === "0x2" ? [{ address: address as IpAddress, mac: mac as MacAddress }] : [];
  });
}
