import { ADOPTION_REASONS } from "./adoption-reasons.ts";
import { CLUSTER_REASONS } from "./cluster-reasons.ts";
import { FRIGATE_REASONS } from "./frigate-reasons.ts";
import { GIT_REASONS } from "./git-reasons.ts";
import { MQTT_REASONS } from "./mqtt-reasons.ts";
import { NOTIFY_REASONS } from "./notify-reasons.ts";
import { RESTART_REASONS } from "./restart-reasons.ts";
import { STREAM_REASONS } from "./stream-reasons.ts";
import { SUPERVISOR_REASONS } from "./supervisor-reasons.ts";

/** How bad a reason is: `info` needs nobody, `warning` heals or waits by itself, `error` needs a person. */
export type Severity = "info" | "warning" | "error";

export interface Reason {
  readonly title: string;
  readonly severity: Severity;
  /** What a person does next, without how it is asked for; empty where nothing is to be done. */
  readonly nextStep: string;
  /** What of it is asked of the program; `nextStepOf` (next-step.ts) says how, where the person reads. */
  readonly ask?: "approve" | "undo" | "resync" | "adopt" | "replace" | "forget" | "check" | "texts";
}

/** What was learned of a camera is wrong for the one that took its place. */
const REPLACED =
  "If the camera was replaced or reset, say which device it is now: what was learned before is dropped, and all of it learned anew.";

/**
 * Every reason the program gives, in one table: the same code stands in logs, conditions, evidence, exit messages and, later, entities.
 */
export const REASONS = {
  Healthy: { title: "All is well", severity: "info", nextStep: "" },
  Healed: { title: "Camera moved and was healed", severity: "info", nextStep: "" },
  NothingToDo: { title: "Nothing to do", severity: "info", nextStep: "" },
  Verified: { title: "Proved to be the same camera", severity: "info", nextStep: "" },
  Learned: { title: "Camera learned", severity: "info", nextStep: "" },
  NotLearnedYet: {
    title: "Camera not learned yet",
    severity: "warning",
    nextStep: "Bring the camera to its configured address once, or say which device it is.",
    ask: "adopt",
  },
  ...ADOPTION_REASONS,
  Searching: { title: "Camera is being searched for", severity: "warning", nextStep: "" },
  CameraUnreachable: {
    title: "Camera answers nowhere",
    severity: "error",
    nextStep: "Check the camera's power and network cable; it is found again by itself when it returns.",
  },
  FramesStillFlow: { title: "Frames still flow from the old address", severity: "info", nextStep: "" },
  NobodyThere: { title: "Nobody answers at the address", severity: "warning", nextStep: "" },
  OtherMac: { title: "Another device answers at the address", severity: "warning", nextStep: "" },
  MacVoid: {
    title: "The MAC address proves nothing here",
    severity: "warning",
    nextStep: "Switch proxy ARP off on the router, or enable ONVIF on the camera so that it can be told apart.",
  },
  PortClosed: {
    title: "The stream port does not answer",
    severity: "warning",
    nextStep: "Check that RTSP is enabled in the camera's settings.",
  },
  IdentityDiffers: {
    title: "The device there identifies itself as another one",
    severity: "error",
    nextStep: REPLACED,
    ask: "replace",
  },
  IdentityShared: {
    title: "Another device identifies itself in the same way",
    severity: "error",
    nextStep:
      "Give the camera a DHCP reservation, or run the program on the camera's network, where its MAC address tells it from the others.",
  },
  NoMacHere: {
    title: "No MAC address can be seen here, and nothing else proves the camera",
    severity: "error",
    nextStep:
      "Enable ONVIF on the camera while it answers at its configured address, so that it is learned; or run the program on the camera's network.",
  },
  IdentityMissing: { title: "The device there does not say who it is", severity: "warning", nextStep: "Enable ONVIF on the camera." },
  LoginRefused: {
    title: "The camera refuses the password",
    severity: "error",
    nextStep: "Correct the camera's user name or password in the configuration; it is tried again when the text changes.",
  },
  LoginBackoff: { title: "No login is tried yet after a refused one", severity: "warning", nextStep: "" },
  BasicRefused: {
    title: "The camera offers only Basic, which would show the password",
    severity: "error",
    nextStep: "Enable Digest on the camera, or set allow_basic: true for it.",
  },
  StreamPathMissing: {
    title: "The camera does not know the stream path",
    severity: "error",
    nextStep: "Correct the path of the stream's URL in the configuration.",
  },
  VerificationTimedOut: { title: "The proof took too long", severity: "warning", nextStep: "" },
  FlipFlop: {
    title: "The camera jumps between addresses and is frozen",
    severity: "error",
    nextStep: "Look for two devices with the same address or MAC, or give the camera a DHCP reservation.",
  },
  AddressContested: { title: "Two devices claim the address", severity: "error", nextStep: "Give one of the two another address." },
  Quarantined: {
    title: "Another device answers; the stream is parked so that no password reaches it",
    severity: "error",
    nextStep: `Find out which device took the address; the stream is restored when the camera is found. ${REPLACED}`,
    ask: "replace",
  },
  ExposedNotQuarantined: {
    title: "Another device answers and may be offered the password",
    severity: "error",
    nextStep: `Switch the other device off, or change the source of the stream. ${REPLACED}`,
    ask: "replace",
  },
  DocumentUnreadable: { title: "The configuration cannot be read", severity: "error", nextStep: "Correct the named line." },
  DocumentIsTemplate: {
    title: "The configuration is a template, not YAML",
    severity: "error",
    nextStep: "Point the target at the configuration that the template produces, or at its source in Git.",
  },
  DocumentMissing: {
    title: "The configuration is not there",
    severity: "error",
    nextStep: "Correct the path (frigate.file, git.path or files.path), or create the file.",
  },
  DocumentUnnamed: {
    title: "Which configuration is meant is not known",
    severity: "error",
    nextStep:
      "Name Frigate's configuration under frigate.file, or give Frigate's address under frigate.url, or set frigate.via: none where there is none.",
  },
  WayChosen: { title: "How the configuration is reached", severity: "info", nextStep: "" },
  DocumentForbidden: {
    title: "The configuration may not be read or written",
    severity: "error",
    nextStep: "Give the program's user read and write permission on the file and its folder.",
  },
  RewriteNotProved: {
    title: "The change could not be proved and was not written",
    severity: "error",
    nextStep: "Change the address by hand.",
  },
  NeedsApproval: {
    title: "A change waits for approval",
    severity: "error",
    nextStep: "Look at it, and approve it or make it by hand.",
    ask: "approve",
  },
  ProposalChanged: {
    title: "What would be written is not what was to be approved",
    severity: "error",
    nextStep: "Look at what is proposed now, and approve that.",
    ask: "approve",
  },
  NothingToUndo: {
    title: "There is no change of ours that could be undone",
    severity: "error",
    nextStep: "Put back by hand what you need.",
    ask: "texts",
  },
  Undone: {
    title: "A person undid this change, and it is not made again",
    severity: "error",
    nextStep: "Where the new address is right after all, have everything looked at again.",
    ask: "resync",
  },
  WrittenElsewhere: {
    title: "Another copy of the program looks after this configuration",
    severity: "error",
    nextStep: "Stop one of the two copies; this one takes over by itself when the other ends.",
  },
  NoLease: { title: "Nothing keeps a second copy of the program from this configuration", severity: "info", nextStep: "" },
  CamerasVanished: { title: "Cameras are missing from the configuration, which may be half written", severity: "info", nextStep: "" },
  RestoredElsewhere: { title: "The program's memory comes from another machine", severity: "warning", nextStep: "" },
  RequestUnanswered: { title: "The running program did not answer", severity: "warning", nextStep: "Look at its log, and try again." },
  EditedMeanwhile: { title: "Somebody else edited the configuration meanwhile", severity: "warning", nextStep: "" },
  RolledBack: {
    title: "Frames did not come; the previous text was restored",
    severity: "error",
    nextStep:
      "Check that the camera streams at the new address; it is tried again when the configuration changes, or when everything is looked at again.",
    ask: "resync",
  },
  NotRolledBack: {
    title: "Frames did not come, and the configuration was edited since",
    severity: "error",
    nextStep: "Check the configuration by hand.",
  },
  NotRewritable: {
    title: "The address stands where it cannot be rewritten",
    severity: "error",
    nextStep: "Change the address at the named place by hand.",
  },
  EditedWhileSaving: {
    title: "Somebody saved the configuration while it was being saved",
    severity: "error",
    nextStep: "Look whether their text is the wanted one, and save it once more in Frigate's editor.",
  },
  ...FRIGATE_REASONS,
  FollowedCameraUnknown: { title: "No camera has the name in files", severity: "error", nextStep: "Correct camera under files." },
  HookFailed: { title: "A call of on_moved failed", severity: "warning", nextStep: "Check url and headers under on_moved." },
  RestartNeeded: { title: "Frigate must be restarted for this change", severity: "warning", nextStep: "Restart Frigate." },
  ...RESTART_REASONS,
  ...STREAM_REASONS,
  ...NOTIFY_REASONS,
  ...GIT_REASONS,
  ...CLUSTER_REASONS,
  ...MQTT_REASONS,
  ServerRestartNeeded: {
    title: "go2rtc must be restarted for this change",
    severity: "warning",
    nextStep: "Restart go2rtc, or Frigate where go2rtc is Frigate's own.",
  },
  ServerUnreachable: { title: "go2rtc does not answer", severity: "warning", nextStep: "Start go2rtc, or correct url under go2rtc." },
  ServerRefusesLogin: {
    title: "go2rtc refuses the user name or password",
    severity: "error",
    nextStep: "Correct username and password under go2rtc.",
  },
  ServerRefused: {
    title: "go2rtc refused the new source",
    severity: "error",
    nextStep: "Restart go2rtc after the configuration was changed.",
  },
  ClockOff: {
    title: "The camera's clock is wrong",
    severity: "warning",
    nextStep: "Set the camera's time, best by NTP; where every camera is said to be wrong, set this machine's.",
  },
  BatteryCamera: { title: "Battery camera, left asleep", severity: "info", nextStep: "" },
  StreamDead: { title: "The stream delivers no video", severity: "warning", nextStep: "" },
  LayerUnavailable: { title: "A way of noticing is not available here", severity: "warning", nextStep: "" },
  LayerActive: { title: "A way of noticing is active", severity: "info", nextStep: "" },
  DuplicateCamera: {
    title: "Two cameras have the same identity",
    severity: "error",
    nextStep: "Give each camera its own id and MAC address; a camera's own stands on its sticker.",
  },
  AddressesDiffer: {
    title: "The configuration gives one camera several addresses",
    severity: "warning",
    nextStep: "Correct the address that is not the camera's; it is left alone.",
  },
  NameShared: {
    title: "Two configurations have a camera of this name at different addresses",
    severity: "warning",
    nextStep: "Where they are two cameras, give one of them another name; until then only one of the two is looked after.",
  },
  DatabaseUnreadable: {
    title: "The program's memory cannot be read",
    severity: "error",
    nextStep:
      "Move the named file away and keep it. As Home Assistant's app: restore the app from a backup; without one note its options, uninstall it, which removes the file, and " +
      "install it again. Cameras are learned anew while they answer at their configured addresses.",
  },
  DatabaseTooNew: {
    title: "The program's memory was written by a newer version",
    severity: "error",
    nextStep: "Install the named version or a newer one.",
  },
  DatabaseTooOld: {
    title: "The program's memory was written by an older version",
    severity: "warning",
    nextStep: "Start the program once with sync or run; it brings its memory up to date.",
  },
  DatabaseForbidden: {
    title: "The program's memory may not be read or written",
    severity: "error",
    nextStep: "Give the program's user read and write permission on the named file and its folder, and free space.",
  },
  CameraUnknown: { title: "No such camera is known", severity: "error", nextStep: "Use a camera's id.", ask: "check" },
  NotOffered: { title: "This cannot be asked for here", severity: "error", nextStep: "Ask the program that is running with run." },
  AskedTooOften: { title: "It was asked for a moment ago", severity: "warning", nextStep: "" },
  PortUnavailable: {
    title: "The HTTP listener cannot listen",
    severity: "warning",
    nextStep: "Free the named port, or set another one under http; it is tried again by itself.",
  },
  ...SUPERVISOR_REASONS,
  InternalError: {
    title: "An unexpected error",
    severity: "error",
    nextStep: "Report it with the log; the program tries again by itself.",
  },
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;

/** The table's entry of a code. */
export function reasonOf(code: ReasonCode): Reason {
  return REASONS[code];
}

/** Whether it is a code of the table. */
export function isReason(value: unknown): value is ReasonCode {
  return typeof value === "string" && Object.hasOwn(REASONS, value);
}
