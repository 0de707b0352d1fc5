import { requestProblem } from "./problem.ts";

/**
 * The body as JSON; undefined where there is none.
 * @param isJson whether it was sent as `application/json`
 * @throws ProblemError with the line and column where it stops being JSON
 */
export function bodyOf(text: unknown, isJson: boolean): unknown {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  if (!isJson) throw requestProblem("NotJson", "set Content-Type: application/json");
  try {
    return JSON.parse(text);
  } catch {
    throw requestProblem("BadJson", placeOf(text));
  }
}

/** The parser's own sentence is not shown: it quotes the text, and tells no position where it does. So the longest beginning is looked for that could still become JSON. */
function placeOf(text: string): string {
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (mayBecomeJson(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const lines = text.slice(0, good).split("\n");
  return `line ${String(lines.length)}, column ${String((lines.at(-1) ?? "").length + 1)}`;
}

function mayBecomeJson(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined ? message.startsWith("Unexpected end") : Number(position) >= beginning.length;
  }
}
