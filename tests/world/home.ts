import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startCamera, type Camera, type CameraOptions } from "./camera.ts";
import { captureDhcp, type DhcpCapture } from "./capture.ts";
import { frigateDocument } from "./frigate-document.ts";
import { startGo2rtc, type Go2rtc, type Go2rtcOptions } from "./go2rtc.ts";
import { routedSide } from "./routed.ts";
import { startLan, type Lan, type LanOptions } from "./lan.ts";
import { runShepherd, shepherdCommand, writeOptions, type Ended, type Shepherd, type ShepherdOptions } from "./shepherd.ts";

export interface HomeOptions extends LanOptions {
  /** Default: the four of `householdCameras`. A camera without an address gets 20, 21, … of the network. */
  readonly cameras?: readonly HomeCamera[];
  readonly go2rtc?: Go2rtcOptions["version"];
  /** More lines of go2rtc's yaml. */
  readonly go2rtcMore?: string;
  /** More of Camera Shepherd's options, at the top level. */
  readonly shepherd?: Readonly<Record<string, unknown>>;
}

export interface HomeCamera extends CameraOptions {
  /** Stands behind the router, in a network of its own (`routed.ts`); needs a static address there. */
  readonly routed?: boolean;
  /** Sources of its stream that follow the camera's own, such as `ffmpeg:front#audio=opus`. */
  readonly moreSources?: readonly string[];
}

/** A household: LAN, router, cameras, go2rtc and Frigate's document on disk. */
export interface Home extends AsyncDisposable {
  readonly lan: Lan;
  /** The network behind the router, where a camera stands there. */
  readonly behind: Lan | undefined;
  readonly cameras: readonly Camera[];
  readonly go2rtc: Go2rtc;
  readonly capture: DhcpCapture;
  /** Path of Frigate's document. */
  readonly document: string;
  /** Path of Camera Shepherd's options. */
  readonly options: string;
  /** The camera of that name. @throws where there is none */
  camera(name: string): Camera;
  readDocument(): Promise<string>;
  /** Starts Camera Shepherd with this home's options: `runShepherd(["run"])`. It is stopped with the home. */
  runShepherd(args: readonly string[], options?: ShepherdOptions): Shepherd;
  /** Runs one of its commands to the end. */
  shepherdCommand(args: readonly string[], options?: ShepherdOptions): Promise<Ended>;
  stop(): Promise<void>;
}

/**
 * Four cameras as a household has them: two of one model with the same password and realm, one whose RTSP server is GStreamer's, and one whose
 * ONVIF device is foreign.
 */
function householdCameras(): readonly HomeCamera[] {
  const password = `canary-${crypto.randomUUID().slice(0, 8)}`;
  const twin = { password, realm: "IP Camera(C6F0)" };
  return [
    { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...twin },
    { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...twin },
    { name: "garage", mac: "ec:71:db:11:02:7e" as MacAddress, realm: "GStreamer RTSP Server", server: "gstreamer" },
    { name: "porch", mac: "9c:8e:cd:30:5a:91" as MacAddress, realm: "Login to 4F02A19PAK", onvif: "crate" },
  ];
}

/** Makes a household; everything vanishes with `stop`. */
export async function startHome(options: HomeOptions = {}): Promise<Home> {
  await using undo = new AsyncDisposableStack();
  const lan = undo.use(await startLan(options));
  const capture = undo.use(await captureDhcp(lan.router.host.namespace));
  const specs = options.cameras ?? householdCameras();
  const cameras: Camera[] = [];
  const behind = specs.some((spec) => spec.routed === true) ? undo.use(await routedSide(lan)) : undefined;
  // A few at a time: each is a Node.js process, and two cores start them no faster together.
  for (let from = 0; from < specs.length; from += 4) {
    const some = specs.slice(from, from + 4).map((spec, index) => ({ address: lan.at(20 + from + index), ...spec }));
    await lan.router.assign(some.filter((spec) => spec.routed !== true).map(({ mac, address }) => [mac, address] as const));
    const started = await Promise.allSettled(
      some.map((spec) => startCamera(spec.routed === true && behind !== undefined ? behind : lan, spec)),
    );
    for (const one of started) if (one.status === "fulfilled") cameras.push(undo.use(one.value));
    const failed = started.find((one) => one.status === "rejected");
    if (failed !== undefined) throw new Error("a camera did not start", { cause: failed.reason });
  }
  const entries = cameras.map((camera, index) => ({ camera, sources: [camera.url(), ...(specs[index]?.moreSources ?? [])] }));
  const go2rtc = undo.use(
    await startGo2rtc({
      file: join(lan.folder, "go2rtc", "go2rtc.yaml"),
      streams: Object.fromEntries(entries.map(({ camera, sources }) => [camera.name, sources])),
      ...(options.go2rtc === undefined ? {} : { version: options.go2rtc }),
      ...(options.go2rtcMore === undefined ? {} : { more: options.go2rtcMore }),
    }),
  );
  const document = join(lan.folder, "frigate.yml");
  await writeFile(document, frigateDocument(entries), { mode: 0o600 });
  const optionsFile = await writeOptions({
    folder: join(lan.folder, "shepherd"),
    frigateFile: document,
    go2rtcUrl: go2rtc.url,
    ...(options.shepherd === undefined ? {} : { more: options.shepherd }),
  });
  const owned = undo.move();
  const stop = (): Promise<void> => owned.disposeAsync();
  return {
    lan,
    behind,
    cameras,
    go2rtc,
    capture,
    document,
    options: optionsFile,
    camera: (name) => {
      const found = cameras.find((camera) => camera.name === name);
      if (found === undefined) throw new Error(`no camera ${name}`);
      return found;
    },
    readDocument: () => readFile(document, "utf8"),
    runShepherd: (args, how) => owned.use(runShepherd([...args, "--config", optionsFile], how)),
    shepherdCommand: (args, how) => shepherdCommand([...args, "--config", optionsFile], how),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
