import type { IpAddress } from "../../../src/domain/addresses.ts";
import type { Camera, Move } from "../../world/camera.ts";
import type { Go2rtc } from "../../world/go2rtc.ts";
import { firstVideoPacket } from "../../world/rtsp-client.ts";
import { epochMilliseconds, eventually, pause } from "../../world/waiting.ts";
import { frigateLikeWatcher, mseViewer, newClients, type Watcher } from "../../world/watchers.ts";
import type { Stage } from "./stage.ts";

/**
 * What is measured of a move. `newClient`: the first video packet from the new address that one of many fresh clients gets. `frigateLike`
 * and `mse`: a viewer from before the move is proved to decode again. `document`: the file on disk names the new address and no longer the
 * old one. `unwatched`: go2rtc, that nobody asks for the stream, has the new address, and the first client after that gets video.
 */
export type Figure = "newClient" | "frigateLike" | "mse" | "document" | "unwatched";

/** One move and what came of it. */
export interface Sample {
  readonly scene: string;
  readonly camera: string;
  readonly from: IpAddress;
  readonly to: IpAddress;
  /** Whether the camera closed its connections when it left its address, or just fell silent. */
  readonly sessions: "end" | "hang";
  /** What the figures are counted from: the DHCPREQUEST that the router acknowledged, or the camera's leaving its old address. */
  readonly origin: "request" | "left";
  /** When that was, epoch ms. */
  readonly at: number;
  /** ms; null where it did not happen in time. */
  readonly figures: Readonly<Partial<Record<Figure, number | null>>>;
  /** What Camera Shepherd told meanwhile. */
  readonly timeline: readonly string[];
}

/** A move that has just been made. */
export interface Made {
  readonly scene: string;
  readonly camera: Camera;
  readonly from: IpAddress;
  readonly to: IpAddress;
  readonly sessions: "end" | "hang";
  readonly origin: "request" | "left";
  readonly at: number;
}

/** The viewers of one stream from before its moves. */
export interface Watchers extends AsyncDisposable {
  readonly frigateLike: Watcher | undefined;
  readonly mse: Watcher;
  /** Waits until each is proved to get video now. */
  steady(): Promise<void>;
}

export interface Wanted {
  readonly newClient?: { readonly every: number; readonly videoOnly?: boolean };
  readonly document?: boolean;
  readonly watchers?: Watchers;
  readonly unwatched?: boolean;
  /** How long to wait for each, ms. */
  readonly within: number;
}

/** Moves a camera by DHCP to an address that nobody had. */
export async function moveByDhcp(stage: Stage, scene: string, camera: Camera, sessions: "end" | "hang" = "end"): Promise<Made> {
  const move = await camera.moveByDhcp(stage.freshAddress(), { sessions });
  return requested(stage, scene, camera, move, sessions);
}

/** Counts from the DHCPREQUEST of a move, or of a return, that was made by DHCP. */
export async function requested(stage: Stage, scene: string, camera: Camera, move: Move, sessions: "end" | "hang"): Promise<Made> {
  const { requestAt } = await stage.home.capture.acknowledgedAfter(camera.mac, move.leftAt);
  return { scene, camera, from: move.from ?? move.to, to: move.to, sessions, origin: "request", at: requestAt };
}

/** Gives a camera another static address without a DHCP packet and without announcing it. */
export async function moveSilently(stage: Stage, scene: string, camera: Camera, sessions: "end" | "hang"): Promise<Made> {
  const move = await camera.moveSilently(stage.freshAddress(), { sessions });
  return { scene, camera, from: move.from ?? move.to, to: move.to, sessions, origin: "left", at: move.leftAt };
}

/** Waits for everything that is wanted and tells how long after the move's origin it was. */
export async function measure(stage: Stage, made: Made, wanted: Wanted): Promise<Sample> {
  const { camera, at, from, to } = made;
  const { within, watchers } = wanted;
  const since = (moment: Promise<number>): Promise<number | null> =>
    moment.then(
      (value) => value - at,
      () => null,
    );
  const figures: Partial<Record<Figure, number | null>> = {};
  const note = async (figure: Figure, moment: Promise<number>): Promise<void> => {
    figures[figure] = await since(moment);
  };
  const confirmed = async (watcher: Watcher): Promise<number> => (await watcher.reads.decodesAgain(at, within)).confirmedAt;
  await Promise.all([
    wanted.newClient === undefined ? undefined : note("newClient", newClient(stage, made, wanted.newClient, within)),
    wanted.document === true ? note("document", documentRight(stage, from, to, within)) : undefined,
    wanted.unwatched === true ? note("unwatched", pointedUnwatched(stage, camera.name, to, within)) : undefined,
    watchers === undefined ? undefined : note("mse", confirmed(watchers.mse)),
    watchers?.frigateLike === undefined ? undefined : note("frigateLike", confirmed(watchers.frigateLike)),
  ]);
  stage.assertRunning();
  const { scene, sessions, origin } = made;
  const timeline = stage.timeline(camera, at, epochMilliseconds());
  return { scene, camera: camera.name, from, to, sessions, origin, at, figures, timeline };
}

/** Viewers that stay: FFmpeg as Frigate runs it where `frigate`, and a browser's MSE player. */
export function watch(go2rtc: Go2rtc, name: string, frigate: boolean): Watchers {
  const frigateLike = frigate ? frigateLikeWatcher(go2rtc.streamUrl(name)) : undefined;
  const mse = mseViewer(go2rtc, name);
  return {
    frigateLike,
    mse,
    steady: async () => {
      const now = epochMilliseconds();
      await Promise.all([mse.reads.decodesAgain(now, 90_000), frigateLike?.reads.decodesAgain(now, 90_000)]);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([mse.stop(), frigateLike?.stop()]);
    },
  };
}

/** Lets Camera Shepherd finish what it does after a move (it looks for frames itself). */
export async function calm(stage: Stage, made: Made): Promise<void> {
  const done = (): boolean => stage.notices.some((one) => one.kind === "frames" && one.device === made.camera.name && one.at >= made.at);
  await eventually("Camera Shepherd to see frames", done, 6_000, 50).catch(() => undefined);
  await pause(700);
}

async function newClient(stage: Stage, made: Made, how: NonNullable<Wanted["newClient"]>, within: number): Promise<number> {
  const { go2rtc } = stage.home;
  const viewed = how.videoOnly === true ? { ...go2rtc, streamUrl: (name: string): string => `${go2rtc.streamUrl(name)}?video` } : go2rtc;
  await using viewers = newClients(viewed, made.camera.name, made.to, how.every);
  return await inTime(viewers.firstPacket, within);
}

async function documentRight(stage: Stage, from: IpAddress, to: IpAddress, within: number): Promise<number> {
  const names = (text: string, address: IpAddress): boolean =>
    new RegExp(`(?<![\\d.])${address.replaceAll(".", "\\.")}(?![\\d.])`).test(text);
  const right = async (): Promise<boolean> => {
    const text = await stage.home.readDocument();
    return names(text, to) && !names(text, from);
  };
  await eventually("the document", right, within, 20);
  return epochMilliseconds();
}

/** Listing streams makes no client, so nothing here moves go2rtc or Camera Shepherd to do anything. */
async function pointedUnwatched(stage: Stage, name: string, to: IpAddress, within: number): Promise<number> {
  const { go2rtc } = stage.home;
  const pointed = async (): Promise<boolean> =>
    (await go2rtc.streams())[name]?.producers?.some((producer) => producer.url?.includes(`@${to}/`) === true) ?? false;
  await eventually("go2rtc to have the new address", pointed, within, 100);
  return (await firstVideoPacket(go2rtc.streamUrl(name), 10_000)).firstAt;
}

async function inTime(moment: Promise<number>, within: number): Promise<number> {
  const late = new AbortController();
  const patience = pause(within, late.signal).then((): never => {
    throw new Error("not in time");
  });
  patience.catch(() => undefined);
  try {
    return await Promise.race([moment, patience]);
  } finally {
    late.abort();
  }
}
