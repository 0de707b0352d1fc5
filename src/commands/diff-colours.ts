import { type Look, paint } from "./paint.ts";

/** A unified diff as a terminal shows it best. */
export function colouredDiff(diff: string, look: Look): string {
  if (!look.colour) return diff;
  const colourOf = (line: string) =>
    /^(?:---|\+\+\+)/.test(line)
      ? "bold"
      : line.startsWith("+")
        ? "green"
        : line.startsWith("-")
          ? "red"
          : line.startsWith("@@")
            ? "cyan"
            : undefined;
  return diff.replaceAll(/[^\n]+/g, (line) => {
    const colour = colourOf(line);
    return colour === undefined ? line : paint(look, colour, line);
  });
}
