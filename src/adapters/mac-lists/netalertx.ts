import { type MacList } from "../../domain/mac-list.ts";
import { csvList } from "./csv.ts";

const COLUMNS = { mac: ["devmac"], name: ["devname"], address: ["devlastip", "devip"] };
/** What NetAlertX enters for the line to the outside, and for devices that were made up to draw a tree. */
const NO_MACHINE = /^"?(?:internet|fa:ce:)/i;

/**
 * The devices of NetAlertX: `devices.csv` of its CSV backup, or of `/devices/export`, with columns `devMac`, `devName`, `devLastIP` among many
 * (jokob-sk/NetAlertX, docs/DEVICES_BULK_EDITING.md and docs/API_DEVICES.md). Its entry `Internet` is left out.
 */
export function netAlertXList(text: string): MacList {
  const { machines, broken } = csvList(text, COLUMNS);
  const lines = text.split("\n");
  const isMachine = (line: number): boolean => !NO_MACHINE.test((lines[line - 1] ?? "").trim());
  return {
    machines: machines.filter(({ line }) => isMachine(line)),
    broken: broken.filter(({ line, problem }) => isMachine(line) && !/^"internet"/i.test(problem)),
  };
}
