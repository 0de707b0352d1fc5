import type { FrigateClient } from "../adapters/frigate/client.ts";
import { FrigateStreamServer } from "../adapters/frigate/stream-server.ts";
import { Go2rtcApi } from "../adapters/go2rtc/api.ts";
import { CallQueue } from "../adapters/go2rtc/call-queue.ts";
import { Go2rtcServer } from "../adapters/go2rtc/server.ts";
import { refusal, showsSources } from "../adapters/go2rtc/sources.ts";
import { parseStreams } from "../adapters/go2rtc/streams.ts";
import { RtspPlayer } from "../adapters/rtsp/player.ts";
import type { Options } from "../config/options.ts";
import type { Clock } from "../ports/clock.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import { firstServer } from "../reconcilers/first-server.ts";

/** Where go2rtc listens unless somebody changed it; Frigate's is published there too. */
const NEAREST_GO2RTC = { name: "go2rtc", url: "http://127.0.0.1:1984" };

/** A Frigate that is spoken to, by its document's name. */
interface SpokenTo {
  readonly name: string;
  readonly client: FrigateClient;
}

type ServerOption = Options["go2rtc"][number];

/**
 * Every go2rtc that is named, or else the one of each Frigate that is spoken to: at port 1984 of its host, where that answers, else through Frigate
 * itself. Without such a Frigate, the one on this machine.
 */
export function serversOf(options: Options, frigates: readonly SpokenTo[], clock: Clock): readonly StreamServer[] {
  if (options.go2rtc.length > 0) return options.go2rtc.map((option) => serverOf(option, clock, "named under go2rtc"));
  if (frigates.length === 0) return [serverOf(NEAREST_GO2RTC, clock, "where go2rtc listens on this machine unless told otherwise")];
  return frigates.map(({ name: document, client }, index) => {
    const name = index === 0 ? NEAREST_GO2RTC.name : `${NEAREST_GO2RTC.name}-${String(index + 1)}`;
    const parts = { name, client, clock, queue: new CallQueue(), readStreams: parseStreams, refusal, showsSources };
    const own = serverOf({ name, url: `http://${client.hostname}:1984` }, clock, "found at Frigate's host");
    return firstServer(name, [own, new FrigateStreamServer(parts)], clock, document);
  });
}

function serverOf({ name, url, username, password }: ServerOption, clock: Clock, why: string): StreamServer {
  const player = new RtspPlayer(clock);
  const credentials = username === undefined || password === undefined ? {} : { credentials: { username, password } };
  const api = new Go2rtcApi({ baseUrl: url, clock, ...credentials });
  return new Go2rtcServer({
    name,
    api,
    way: { why, isByFrigate: false },
    queue: new CallQueue(),
    clock,
    play: (request, signal) => player.play(request, signal),
  });
}
