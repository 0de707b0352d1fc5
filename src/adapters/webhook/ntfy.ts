import type { IncidentMessage } from "../../domain/incident-message.ts";

/** ntfy makes a file of a longer message (https://docs.ntfy.sh/publish/#limitations: 4,096 bytes). */
const LONGEST_BODY = 4000;
const LONGEST_TITLE = 200;

/**
 * One message as ntfy takes it at the address of a topic: the text as the body, all else as headers (https://docs.ntfy.sh/publish/). A title that is
 * not ASCII is an encoded word of RFC 2047, which ntfy reads since 2.4.
 */
export function ntfyCall(message: IncidentMessage): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const { title, message: text, nextStep } = message;
  return {
    headers: { title: headerText(title), priority: priorityOf(message), tags: tagOf(message), "content-type": "text/plain; charset=utf-8" },
    body: cutBytes(nextStep === "" ? text : `${text}\n→ ${nextStep}`, LONGEST_BODY),
  };
}

function priorityOf({ state, isUrgent }: IncidentMessage): string {
  if (state !== "open") return "2";
  return isUrgent ? "4" : "3";
}

function tagOf({ state, event }: IncidentMessage): string {
  if (state === "closed") return "white_check_mark";
  if (state === "info") return "information_source";
  return event === "impostor" ? "rotating_light" : event === "approval" ? "raised_hand" : "warning";
}

/** A line break in a header would begin another one. */
function headerText(text: string): string {
  const line = cutBytes(text.replaceAll(/\p{Cc}+/gu, " ").trim(), LONGEST_TITLE);
  return /^[\x20-\x7e]*$/.test(line) ? line : `=?UTF-8?B?${Buffer.from(line).toString("base64")}?=`;
}

function cutBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  // A character that was cut in two is left out.
  return `${bytes
    .subarray(0, most)
    .toString("utf8")
    .replace(/\uFFFD+$/u, "")}…`;
}
