import { afterEach, describe, expect, it } from "vitest";
import type { RunningFrigate } from "../../src/ports/running-frigate.ts";

/** A Frigate under test and the hand that holds it. */
export interface FrigateWorld {
  readonly frigate: RunningFrigate;
  /** A person saves the document; Frigate runs on as before. */
  edit(text: string): void;
  /** What the document says now. */
  readonly text: string;
  /** Nothing answers there any more. */
  stop(): Promise<void>;
}

/** What a version can do. */
export interface FrigateTraitsUnderTest {
  readonly live: boolean;
  readonly safeMode: boolean;
}

const document = (front: string, ptz: string): string => `# mine
mqtt: {enabled: false}
cameras:
  front:
    ffmpeg:
      inputs:
        - path: rtsp://viewer:canary@${front}:554/main?x=1
          roles: [record]
        - path: rtsp://127.0.0.1:8554/front
          roles: [detect]
    onvif:
      host: ${ptz}
  back:
    enabled: false
    ffmpeg: {inputs: [{path: "rtsp://cam.example:554/main", roles: [detect]}]}
`;
const signal = new AbortController().signal;

/** What every running Frigate promises: run on the fake of the port, and on the adapter against a fake Frigate of each version. */
export function describeRunningFrigate(title: string, traits: FrigateTraitsUnderTest, open: (text: string) => Promise<FrigateWorld>): void {
  describe(`${title} as a running Frigate`, () => {
    let world: FrigateWorld | undefined;
    afterEach(() => world?.stop());
    const start = async (): Promise<FrigateWorld> => {
      world = await open(document("192.0.2.20", "192.0.2.20"));
      return world;
    };
    const front = async ({ frigate }: FrigateWorld) => (await frigate.state(signal)).cameras.get("front");

    it("shows the addresses that it started with, and every camera", async () => {
      const opened = await start();
      const { safeMode, cameras } = await opened.frigate.state(signal);
      expect(safeMode).toBe(false);
      expect([...cameras]).toEqual([
        ["front", { inputs: ["192.0.2.20"], onvif: "192.0.2.20" }],
        ["back", { inputs: [], names: ["cam.example"] }],
      ]);
    });

    it("goes on with them when the document has others, until it is restarted", async () => {
      const opened = await start();
      opened.edit(document("192.0.2.60", "192.0.2.61"));
      expect(await front(opened)).toEqual({ inputs: ["192.0.2.20"], onvif: "192.0.2.20" });
      await opened.frigate.restart(signal);
      await expect.poll(() => front(opened).catch(() => undefined)).toEqual({ inputs: ["192.0.2.60"], onvif: "192.0.2.61" });
    });

    it("takes inputs and onvif live, each alone, and leaves the document; or says that it cannot", async () => {
      const opened = await start();
      const text = document("192.0.2.60", "192.0.2.61");
      opened.edit(text);
      expect(await opened.frigate.applyLive("front", "ffmpeg", text, signal)).toBe(traits.live);
      expect(await front(opened)).toEqual({ inputs: [traits.live ? "192.0.2.60" : "192.0.2.20"], onvif: "192.0.2.20" });
      expect(await opened.frigate.applyLive("front", "onvif", text, signal)).toBe(traits.live);
      expect((await front(opened))?.onvif).toBe(traits.live ? "192.0.2.61" : "192.0.2.20");
      expect(await opened.frigate.applyLive("never", "onvif", text, signal)).toBe(false);
      expect(opened.text).toBe(text);
    });

    it("says whether it started without cameras, on a document that it refuses", async () => {
      const opened = await start();
      opened.edit("mqtt: {enabled: false}\ncameras: {front: {ffmpeg: 5}}\n");
      await opened.frigate.restart(signal);
      await expect.poll(async () => (await opened.frigate.state(signal).catch(() => undefined))?.safeMode).toBe(traits.safeMode);
    });

    it("that is gone says so, and an aborted caller gets its own reason", async () => {
      const opened = await start();
      const reason = new Error("enough");
      await expect(opened.frigate.state(AbortSignal.abort(reason))).rejects.toBe(reason);
      await opened.stop();
      await expect(opened.frigate.state(signal)).rejects.toMatchObject({ name: "FrigateError", reason: "FrigateUnreachable" });
      await expect(opened.frigate.restart(signal)).rejects.toMatchObject({ name: "FrigateError", reason: "FrigateUnreachable" });
      world = undefined;
    });
  });
}
