import type { MacAddress } from "./addresses.ts";
import type { DeviceId } from "./camera.ts";
import { type Reason, type ReasonCode, REASONS } from "./reasons.ts";

/** Where a person reads, and what they have there to ask by: a command line, or the page with its buttons. */
export type Surface = "commands" | "page";

/** What a person can ask of the program as the next step, and what it is about. */
export type Ask =
  | { readonly verb: "approve"; readonly id?: string }
  | { readonly verb: "undo"; readonly target?: string }
  | { readonly verb: "resync"; readonly camera?: DeviceId }
  /** `devices`: MAC addresses, or the addresses of devices without one, one of which is the camera. */
  | { readonly verb: "adopt"; readonly camera?: DeviceId; readonly devices?: readonly string[] }
  /** `mac`: of the device that took the camera's place. */
  | { readonly verb: "replace"; readonly camera?: DeviceId; readonly mac?: MacAddress }
  | { readonly verb: "forget"; readonly camera?: DeviceId }
  /** The list of cameras. */
  | { readonly verb: "check" }
  /** The text before a change. */
  | { readonly verb: "earlier"; readonly target?: string; readonly to?: number }
  /** The list of kept texts. */
  | { readonly verb: "texts"; readonly target?: string };

/** The program's page by its name in Home Assistant's sidebar. */
const PAGE = "on the page Camera Shepherd";

/** How it is asked for, to stand in a sentence: `camera-shepherd approve 3f2a`, or `Approve on the page Camera Shepherd`. */
export function wayOf(ask: Ask, surface: Surface): string {
  if (surface === "commands") return `camera-shepherd ${command(ask)}`;
  return `${button(ask)} ${PAGE}`;
}

function command(ask: Ask): string {
  switch (ask.verb) {
    case "approve":
      return ask.id === undefined ? "approve" : `approve ${ask.id}`;
    case "undo":
      return ask.target === undefined ? "undo" : `undo ${word(ask.target)}`;
    case "adopt":
      return `adopt ${word(`${ask.camera ?? "CAMERA"}=${ask.devices?.[0] ?? "MAC-OR-ADDRESS"}`)}`;
    case "replace":
      return `adopt ${word(`${ask.camera ?? "CAMERA"}=${ask.mac ?? "MAC"}`)} --replace`;
    case "earlier":
      return `undo ${[...(ask.target === undefined ? [] : [word(ask.target)]), ...(ask.to === undefined ? [] : ["--to", String(ask.to)]), "--print"].join(" ")}`;
    case "forget":
      return `forget ${word(ask.camera ?? "CAMERA")}`;
    case "texts":
      return "undo --list";
    case "resync":
      return ask.camera === undefined ? "resync" : `resync ${word(ask.camera)}`;
    case "check":
      return "check";
  }
}

/** One word to a shell: a stream of go2rtc may be called anything. */
function word(text: string): string {
  return /^[\w.:=@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function button(ask: Ask): string {
  switch (ask.verb) {
    case "approve":
      return "Approve";
    case "undo":
      return "Undo";
    case "resync":
      return ask.camera === undefined ? "Look at everything again" : "Find now";
    case "adopt":
      return ask.devices?.[0] === undefined ? "This is the camera" : `It is ${ask.devices[0]}`;
    case "replace":
      return "Another camera took its place";
    case "forget":
      return "Forget this camera";
    case "check":
      return "Cameras";
    case "earlier":
    case "texts":
      return "Changes to configurations";
  }
}

/** One sentence; a command stands at its end, so that it can be copied. */
function sentence(ask: Ask, surface: Surface): string {
  const way = wayOf(ask, surface);
  switch (ask.verb) {
    case "approve":
      return `${way} writes it.`;
    case "undo":
      return `${way} takes it back.`;
    case "resync":
      return `${way} does so.`;
    case "forget":
      return surface === "commands" ? `To have it forgotten: ${way}` : `To have it forgotten: ${way}.`;
    case "replace":
      return surface === "commands" ? `To say so: ${way}` : `To say so: ${way}, at the camera.`;
    case "check":
      return `${way} lists them.`;
    case "earlier":
      return `${way} shows the earlier text.`;
    case "texts":
      return `${way} lists what was written.`;
    case "adopt": {
      const others = (ask.devices?.length ?? 0) > 1 ? ", with the one that is right" : "";
      return surface === "commands" ? `To say so: ${way}${others}` : `To say so: ${way}, at the camera${others}.`;
    }
  }
}

/**
 * What a person does next about a reason, in the words of where they read; empty where nothing is to be done.
 * @param ask what exactly is asked for, where that is known; else what the reason says
 */
export function nextStepOf(code: ReasonCode, surface: Surface, ask?: Ask): string {
  const { nextStep, ask: verb }: Reason = REASONS[code];
  const asked: Ask | undefined = ask ?? (verb === undefined ? undefined : { verb });
  return [nextStep, ...(asked === undefined ? [] : [sentence(asked, surface)])].filter((text) => text !== "").join(" ");
}
