import { isPlain, readYaml } from "../domain/plain.ts";

/**
 * Whose document a text is: go2rtc's own has `streams` at its root and no cameras. A text that cannot be read is judged by its file's name,
 * so that the message about it names the right program.
 */
export function documentKind(path: string, text: string | undefined): "frigate" | "go2rtc" {
  const named = /(?:^|\/)go2rtc[^/]*$/.test(path) ? "go2rtc" : "frigate";
  const root = text === undefined ? undefined : readYaml(text);
  if (!isPlain(root)) return named;
  if ("cameras" in root || "go2rtc" in root) return "frigate";
  return "streams" in root ? "go2rtc" : named;
}
