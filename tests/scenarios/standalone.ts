import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startCamera, type Camera, type CameraOptions } from "../world/camera.ts";
import { runGo2rtc, type Go2rtc } from "../world/go2rtc.ts";
import { startLan, type Lan, type LanOptions } from "../world/lan.ts";
import { writeOptions } from "../world/shepherd.ts";

/** A household without Frigate: its document is go2rtc's own yaml, which go2rtc writes too. */
export interface Standalone extends AsyncDisposable {
  readonly lan: Lan;
  readonly cameras: readonly Camera[];
  readonly go2rtc: Go2rtc;
  /** Path of the yaml. */
  readonly document: string;
  /** Path of Camera Shepherd's options. */
  readonly options: string;
}

export interface StandaloneOptions extends LanOptions {
  readonly cameras: readonly CameraOptions[];
  /** The yaml's whole text; it must listen on 1984 and 8554. */
  readonly yaml: (lan: Lan) => string;
  /** go2rtc's variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What every such yaml begins with: the listeners that the world expects. */
export const LISTENERS = 'api:\n  listen: ":1984"\nrtsp:\n  listen: ":8554"\nwebrtc:\n  listen: ""\n';

/** Makes such a household; a camera without an address gets 20, 21, … */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  await using undo = new AsyncDisposableStack();
  const lan = undo.use(await startLan(options));
  const cameras: Camera[] = [];
  for (const [index, spec] of options.cameras.entries()) {
    cameras.push(undo.use(await startCamera(lan, { address: lan.at(20 + index), ...spec })));
  }
  const document = join(lan.folder, "go2rtc", "go2rtc.yaml");
  await mkdir(dirname(document), { recursive: true });
  await writeFile(document, options.yaml(lan), { mode: 0o600 });
  const go2rtc = undo.use(await runGo2rtc({ file: document, ...(options.env === undefined ? {} : { env: options.env }) }));
  const optionsFile = await writeOptions({ folder: join(lan.folder, "shepherd"), frigateFile: document, go2rtcUrl: go2rtc.url });
  const owned = undo.move();
  return { lan, cameras, go2rtc, document, options: optionsFile, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
