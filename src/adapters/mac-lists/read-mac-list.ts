import type { MacListFormat } from "../../domain/list-formats.ts";
import type { MacList } from "../../domain/mac-list.ts";
import { csvList } from "./csv.ts";
import { netAlertXList } from "./netalertx.ts";
import { watchYourLanList } from "./watchyourlan.ts";

/** The machines of a list. Without a format it is told by what the text looks like. */
export function readMacList(text: string, format?: MacListFormat): MacList {
  switch (format ?? formatOf(text)) {
    case "netalertx":
      return netAlertXList(text);
    case "watchyourlan":
      return watchYourLanList(text);
    case "csv":
      return csvList(text);
  }
}

function formatOf(text: string): MacListFormat {
  if (/^\uFEFF?\s*[[{]/.test(text)) return "watchyourlan";
  return /^\uFEFF?[^\n]*\bdevMac\b/i.test(text) ? "netalertx" : "csv";
}
