import { expect, it } from "vitest";
import { patchSource } from "../../../src/adapters/go2rtc/producers.ts";
import type { Producer } from "../../../src/ports/stream-server.ts";

const idle = (url: string): Producer => ({ url });
const connected = (url: string): Producer => ({ url, id: 7, videoPackets: 3 });
const [video, sound] = ["rtsp://192.0.2.7/main", "ffmpeg:front#audio=opus"];

it("a stream of one source is patched with it, connected or not", () => {
  expect(patchSource([idle("rtsp://192.0.2.1/main")], [video])).toBe(video);
  expect(patchSource([connected("rtsp://192.0.2.1/main")], [video])).toBe(video);
});

it("of several sources the one that is connected is patched, where no other is: the others would dial without a pause", () => {
  expect(patchSource([connected("x"), idle(sound)], [video, sound])).toBe(video);
  expect(patchSource([idle("x"), connected(sound)], [video, sound])).toBe(sound);
  expect(patchSource([connected("x"), connected(sound)], [video, sound])).toBeUndefined();
  expect(patchSource([idle("x"), idle(sound)], [video, sound])).toBeUndefined();
});

it("a stream that has another number of sources than is wanted is not patched", () => {
  expect(patchSource([connected("x")], [video, sound])).toBeUndefined();
});
