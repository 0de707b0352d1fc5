import type { EvidenceRecord, EvidenceStep } from "../domain/evidence.ts";
import { isReason, type ReasonCode, REASONS, type Severity } from "../domain/reasons.ts";
import type { Layer } from "../domain/sighting.ts";

const LAYERS: Readonly<Record<Layer, string>> = {
  dhcp: "DHCP requests",
  leases: "DHCP lease files",
  home_assistant: "what Home Assistant sees",
  neighbours: "the neighbour table",
  ws_discovery: "ONVIF announcements",
  stream: "streams that stop",
  history: "former addresses",
  ask: "asking for the MAC address",
  poke: "searching the network",
  call: "calling the camera by what it says of itself",
  far: "asking address by address",
  audit: "the regular look",
  configured: "the configured address",
  reported: "what others report",
  mqtt: "what other copies of the program tell by MQTT",
};

/** What a layer is, for a person. */
export function layerWords(layer: Layer): string {
  return LAYERS[layer];
}

export interface ReasonWords {
  readonly title: string;
  readonly severity: Severity;
}

/** The words of a reason; a code that is not in the table (from an older database) stands for itself. */
export function reasonWords(code: string): ReasonWords {
  const known = knownReason(code);
  return known === undefined ? { title: code, severity: "warning" } : REASONS[known];
}

/** The code where it is in the table. */
export function knownReason(code: string): ReasonCode | undefined {
  return isReason(code) ? code : undefined;
}

/** What was proved, or what was not, in short: `MAC 0c:79:55:4b:d4:2a answers · port 554 open`. */
export function proofWords(evidence: EvidenceRecord, outcome: EvidenceStep["outcome"]): string {
  return evidence.steps
    .filter((step) => step.outcome === outcome)
    .map((step) => shortened(step.detail))
    .join(" · ");
}

/** What everybody reads all day is said shorter than the evidence says it. */
function shortened(detail: string): string {
  return detail
    .replace(/^([0-9a-f:]{17}) answers, an enrolled MAC address$/, "MAC $1 answers")
    .replace(/^TCP port (\d+) is open$/, "port $1 open")
    .replace(/^the camera accepted the password$/, "password accepted")
    .replaceAll("ONVIF endpoint reference", "ONVIF endpoint");
}
