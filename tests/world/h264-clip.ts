import { mkdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../parts.ts";
import { run } from "./programs.ts";

export const FRAMES_PER_SECOND = 10;

/** A video to be looped: its access units in order, each a list of NAL units; the first begins with SPS and PPS. */
export interface Clip {
  readonly units: readonly (readonly Uint8Array[])[];
  readonly sps: Uint8Array;
  readonly pps: Uint8Array;
}

/**
 * Encodes the test clip once and keeps it: 640×360, 10 frames a second, a key frame each second, 10 s, no B frames, no audio.
 * @returns the path of an Annex-B file
 */
export async function clipFile(): Promise<string> {
  const folder = join(cacheFolder, "world");
  const file = join(folder, "testsrc2-640x360-10fps-1.h264");
  if (await stat(file).catch(() => undefined)) return file;
  await mkdir(folder, { recursive: true });
  const part = `${file}.${crypto.randomUUID()}.part`;
  const source = ["-f", "lavfi", "-i", `testsrc2=size=640x360:rate=${FRAMES_PER_SECOND}:duration=10`];
  const coding = [
    "-pix_fmt",
    "yuv420p",
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-tune",
    "zerolatency",
    "-profile:v",
    "main",
    "-b:v",
    "400k",
  ];
  const keys = ["-g", String(FRAMES_PER_SECOND), "-keyint_min", String(FRAMES_PER_SECOND), "-sc_threshold", "0", "-bf", "0"];
  await run("ffmpeg", ["-v", "error", "-nostdin", "-y", ...source, ...coding, ...keys, "-f", "h264", part]);
  await rename(part, file);
  return file;
}

/** Reads an Annex-B file (ITU-T H.264 annex B) in which each picture is one slice or several with the same picture's first slice first. */
export async function loadClip(file: string): Promise<Clip> {
  const units: Uint8Array[][] = [];
  let pending: Uint8Array[] = [];
  let hasPicture = false;
  for (const nal of splitAnnexB(await readFile(file))) {
    const type = (nal[0] ?? 0) & 0x1f;
    const slice = type === 1 || type === 5;
    // first_mb_in_slice is the first Exp-Golomb value after the header: 0 is the single bit 1, and begins a new picture.
    const begins = !slice || ((nal[1] ?? 0) & 0x80) !== 0;
    if (hasPicture && begins) {
      units.push(pending);
      pending = [];
      hasPicture = false;
    }
    if (type !== 9) pending.push(nal);
    if (slice) hasPicture = true;
  }
  if (hasPicture) units.push(pending);
  const all = units.flat();
  const sps = all.find((nal) => ((nal[0] ?? 0) & 0x1f) === 7);
  const pps = all.find((nal) => ((nal[0] ?? 0) & 0x1f) === 8);
  if (sps === undefined || pps === undefined) throw new Error(`no H.264 parameter sets in ${file}`);
  return { units, sps, pps };
}

function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let begin = -1;
  for (let at = 0; at + 2 < bytes.length; at += 1) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue;
    if (begin >= 0) nals.push(trimZeros(bytes.subarray(begin, at)));
    begin = at + 3;
    at += 2;
  }
  if (begin >= 0) nals.push(trimZeros(bytes.subarray(begin)));
  return nals;
}

function trimZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
