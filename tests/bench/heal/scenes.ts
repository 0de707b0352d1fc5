import { oracle } from "../../world/oracle.ts";
import type { Form } from "../../world/shepherd.ts";
import { epochMilliseconds, pause } from "../../world/waiting.ts";
import { calm, measure, moveByDhcp, moveSilently, requested, watch, type Sample, type Wanted, type Watchers } from "./moving.ts";
import { POLL_EVERY, startPoller } from "./poller.ts";
import { openStage, type Stage } from "./stage.ts";

export interface SceneOptions {
  readonly form: Form;
  /** How many moves, where a person chose; else each scene has its own number. */
  readonly moves: number | undefined;
  readonly onSample: (sample: Sample) => void;
}

/** Fresh clients where an answer is expected within a second. */
const DENSE = { every: 100 };
/** Fresh clients where it takes long: each waits for a dead source for up to 10 s, and there would be a hundred. */
const SPARSE = { every: 500 };

/** DHCP moves of streams that nobody watches, and beside them a healer that knows the answer. */
export async function bareMoves(options: SceneOptions): Promise<void> {
  await using stage = await openStage({ subnet: 50, cameras: 6, form: options.form });
  for (let move = 0; move < (options.moves ?? 20); move += 1) {
    const made = await moveByDhcp(stage, "bare", cameraOf(stage, move));
    options.onSample(await measure(stage, made, { newClient: DENSE, document: true, within: 30_000 }));
    await calm(stage, made);
  }
  await stage.stopShepherd();
  for (let move = 0; move < Math.ceil((options.moves ?? 20) / 2); move += 1) {
    const camera = cameraOf(stage, move);
    const from = camera.address ?? stage.home.lan.at(0);
    const to = stage.freshAddress();
    const { frames } = await oracle(stage.home, camera, to);
    const { name } = camera;
    options.onSample({
      scene: "oracle",
      camera: name,
      from,
      to,
      sessions: "end",
      origin: "request",
      at: 0,
      figures: { newClient: frames },
      timeline: [],
    });
    await pause(500);
  }
}

/**
 * Ten streams, each with a Frigate-like watcher and an MSE viewer: moves by DHCP, and returns after a power cut. The viewers are new after each
 * part, but for the one that asks whether they follow a second time.
 */
export async function watchedMoves(options: SceneOptions, wanted: (part: string) => boolean): Promise<void> {
  await using stage = await openStage({ subnet: 51, cameras: 10, form: options.form });
  if (wanted("b-move")) {
    await using crowd = await watchAll(stage, true);
    for (let move = 0; move < (options.moves ?? 10); move += 1) await moveWatched(stage, crowd, "watched", move, "end", options);
  }
  if (wanted("b-hang")) {
    await using crowd = await watchAll(stage, true, 4);
    const moves = Math.min(4, options.moves ?? 4);
    for (let move = 0; move < moves; move += 1) await moveWatched(stage, crowd, "hang", move, "hang", options);
    await moveAgain(stage, crowd, "hang-again", moves, options, 30_000);
  }
  if (wanted("b-10")) await absent(stage, 10_000, "absent-10", options, 1_500);
  if (wanted("b-90")) await absent(stage, 90_000, "absent-90", options, 0);
}

/** Streams with a second source, watched; each moves twice. */
export async function severalSources(options: SceneOptions): Promise<void> {
  await using stage = await openStage({ subnet: 52, cameras: 6, form: options.form, moreSources: (name) => [`ffmpeg:${name}#audio=opus`] });
  await using crowd = await watchAll(stage, true);
  const moves = Math.min(6, options.moves ?? 6);
  const newClient = { ...DENSE, videoOnly: true };
  for (let move = 0; move < moves; move += 1) await moveWatched(stage, crowd, "several", move, "end", options, 70_000, newClient);
  await moveAgain(stage, crowd, "several-again", moves, options, 70_000, newClient);
}

/** Another static address and no packet that tells it: first with a client on each stream, then without any. */
export async function silentMoves(options: SceneOptions): Promise<void> {
  await using stage = await openStage({ subnet: 53, cameras: 10, form: options.form });
  {
    await using crowd = await watchAll(stage, false);
    for (let move = 0; move < (options.moves ?? 10); move += 1) {
      await crowd.of(move).steady();
      const made = await moveSilently(stage, "silent", cameraOf(stage, move), move % 2 === 0 ? "end" : "hang");
      options.onSample(await measure(stage, made, { newClient: SPARSE, watchers: crowd.of(move), document: true, within: 60_000 }));
      await calm(stage, made);
    }
  }
  await pause(6_000);
  await Promise.all(
    stage.cameras.slice(0, options.moves).map(async (camera, index) => {
      await pause(((index + Math.random()) / stage.cameras.length) * 30_000);
      const made = await moveSilently(stage, "idle", camera, "end");
      options.onSample(await measure(stage, made, { unwatched: true, document: true, within: 90_000 }));
    }),
  );
}

/** The peer: five moves at random phases of its interval. */
export async function pollerMoves(options: SceneOptions): Promise<void> {
  const moves = Math.min(5, options.moves ?? 5);
  await using stage = await openStage({ subnet: 54, cameras: 5, form: undefined });
  await using _poller = startPoller(stage.home);
  await pause(2_000);
  await Promise.all(
    stage.cameras.slice(0, moves).map(async (camera, index) => {
      await pause(((index + Math.random()) / moves) * POLL_EVERY);
      const made = await moveByDhcp(stage, "poller", camera);
      options.onSample(await measure(stage, made, { newClient: SPARSE, document: true, within: 2.5 * POLL_EVERY }));
    }),
  );
}

interface Crowd extends AsyncDisposable {
  /** The watchers of the camera of that move. */
  of(move: number): Watchers;
}

async function watchAll(stage: Stage, frigate: boolean, count = stage.cameras.length): Promise<Crowd> {
  await using undo = new AsyncDisposableStack();
  const all = stage.cameras.slice(0, count).map((camera) => undo.use(watch(stage.home.go2rtc, camera.name, frigate)));
  await Promise.all(all.map((one) => one.steady()));
  // Camera Shepherd lists streams every 5 s while nobody watches: it has seen these.
  await pause(6_000);
  const owned = undo.move();
  return {
    of: (move) => {
      const found = all[move % all.length];
      if (found === undefined) throw new Error("nobody watches");
      return found;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function moveWatched(
  stage: Stage,
  crowd: Crowd,
  scene: string,
  move: number,
  sessions: "end" | "hang",
  options: SceneOptions,
  within = 60_000,
  newClient: Wanted["newClient"] = DENSE,
): Promise<void> {
  // Viewers that an earlier move lost are measured all the same.
  await crowd
    .of(move)
    .steady()
    .catch(() => undefined);
  const made = await moveByDhcp(stage, scene, cameraOf(stage, move), sessions);
  options.onSample(await measure(stage, made, { newClient, document: true, watchers: crowd.of(move), within }));
  await calm(stage, made);
}

/** The next move of cameras that have moved under their viewers: viewers that are lost for good are waited for at the same time. */
async function moveAgain(
  stage: Stage,
  crowd: Crowd,
  scene: string,
  moves: number,
  options: SceneOptions,
  within: number,
  newClient?: Wanted["newClient"],
): Promise<void> {
  await Promise.all(
    Array.from({ length: moves }, async (_, move) => {
      await pause(move * 3_000);
      await moveWatched(stage, crowd, scene, move, "end", options, within, newClient);
    }),
  );
}

/** All cameras lose their power together (`apart` ms from one to the next), and come back after `span` ms with other addresses. */
async function absent(stage: Stage, span: number, scene: string, options: SceneOptions, apart: number): Promise<void> {
  const { cameras, home } = stage;
  await using crowd = await watchAll(stage, true);
  const some = cameras.slice(0, options.moves ?? cameras.length);
  const next = some.map((camera) => ({ camera, from: camera.address ?? home.lan.at(0), to: stage.freshAddress() }));
  await Promise.all(
    next.map(async ({ camera, from, to }, index) => {
      await pause(index * apart);
      const offAt = await camera.powerOff();
      await pause(span / 2);
      // While it is away: the router restarts its server where a lease must go, and a camera that asks then waits a second.
      await home.lan.router.assign([[camera.mac, to]]);
      await pause(Math.max(0, offAt + span - epochMilliseconds()));
      const made = await requested(stage, scene, camera, await camera.powerOn(), "hang");
      options.onSample(await measure(stage, { ...made, from }, { document: true, watchers: crowd.of(index), within: 90_000 }));
    }),
  );
  await pause(3_000);
}

function cameraOf(stage: Stage, move: number): Stage["cameras"][number] {
  const camera = stage.cameras[move % stage.cameras.length];
  if (camera === undefined) throw new Error("no camera");
  return camera;
}
