import { type BrokenLine, type ListedMac, type MacList, MOST_MACHINES } from "../../domain/mac-list.ts";
import { machine } from "./csv.ts";

/**
 * The hosts of WatchYourLAN as `GET /api/all` answers them: a list of objects with `Name`, `DNS`, `IP`, `Mac` (aceberg/WatchYourLAN, docs/API.md and
 * backend/docs/swagger.yaml, where the keys are in lower case). A line is that of the machine's MAC address in the file.
 */
export function watchYourLanList(text: string): MacList {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return { machines: [], broken: [{ line: 1, problem: "is not JSON: save the answer of WatchYourLAN's /api/all as it is" }] };
  }
  if (!Array.isArray(value))
    return { machines: [], broken: [{ line: 1, problem: "holds no list: save the answer of WatchYourLAN's /api/all as it is" }] };
  let from = 0;
  const read = value.slice(0, MOST_MACHINES).map((entry: unknown): ListedMac | BrokenLine => {
    const fields = new Map(
      typeof entry === "object" && entry !== null ? Object.entries(entry).map(([key, one]) => [key.toLowerCase(), one]) : [],
    );
    const textOf = (key: string): string => {
      const field: unknown = fields.get(key);
      return typeof field === "string" ? field : "";
    };
    const mac = textOf("mac");
    const at = mac === "" ? -1 : text.indexOf(JSON.stringify(mac), from);
    if (at >= 0) from = at;
    return machine(text.slice(0, from).split("\n").length, mac, textOf("name") === "" ? textOf("dns") : textOf("name"), textOf("ip"));
  });
  return { machines: read.filter((one) => "mac" in one), broken: read.filter((one) => "problem" in one) };
}
