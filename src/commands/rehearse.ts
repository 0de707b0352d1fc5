import { type IpAddress, isLocallyAdministered, networkContains, parseIp } from "../domain/addresses.ts";
import type { Device, StreamName } from "../domain/camera.ts";
import { formatDuration } from "../domain/duration.ts";
import { reasonOf } from "../domain/reasons.ts";
import type { Verification } from "../reconcilers/verifier.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import { type StreamServer, type StreamState, StreamServerError } from "../ports/stream-server.ts";
import { atPlace, type CheckItem, type CheckState } from "./check.ts";
import { EXIT } from "./arguments.ts";
import { counted } from "./paint.ts";
import { type DocumentPlan, type Plan, pathWords, restartPlaces } from "./plan.ts";
import { exitCodeOfReason } from "./sync-report.ts";

/** Stands for "some other address" where none is given (RFC 5737: never a host's). */
export const ELSEWHERE = parseIp("192.0.2.77") ?? ("192.0.2.77" as IpAddress);

/** What the camera would be told by, wherever it is. */
export function identityItem(device: Device, macs: readonly Device["configuredMacs"][number][], endpoint: string | undefined): CheckItem {
  const part = "known by";
  const own = macs.filter((mac) => !isLocallyAdministered(mac));
  if (macs.length === 0 && endpoint === undefined) {
    const nextStep = `Let run or sync learn it where it should be, or say which device it is: camera-shepherd adopt ${device.id}=MAC`;
    return { part, state: "act", found: "nothing: it was never learned", nextStep };
  }
  const facts = [...macs.map((mac) => `MAC ${mac}`), ...(endpoint === undefined ? [] : ["its ONVIF endpoint reference"])].join(", ");
  if (own.length === 0 && endpoint === undefined)
    return { part, state: "act", found: `${facts}: made up by the device, no proof by itself`, nextStep: "Enable ONVIF on the camera." };
  if (endpoint === undefined) return { part, state: "ok", found: `${facts}; not seen where a router is between` };
  return { part, state: "ok", found: facts };
}

const UNTOLD =
  "Make go2rtc's own port 1984 reachable from here. Without it Frigate is restarted for a move, within the bounds, unless frigate.restart: never is set.";

/** Whether the address is one that this machine searches. */
export async function searchItem(
  address: IpAddress | undefined,
  search: Pick<NeighbourSearch, "interfaces">,
  named: readonly string[],
  enabled: boolean,
  signal: AbortSignal,
): Promise<CheckItem> {
  const part = "search";
  if (!enabled)
    return {
      part,
      state: "less",
      found: "switched off: a camera that moves without a word is not found",
      nextStep: "Set network.search: true.",
    };
  const usable = (await search.interfaces(signal)).filter((one) =>
    named.length === 0 ? one.avoid === undefined : named.includes(one.name),
  );
  const on = usable.find(({ network }) => address !== undefined && networkContains(network, address));
  if (on !== undefined) return { part, state: "ok", found: `finds it on ${on.name}: its MAC address is asked for, then the whole network` };
  return {
    part,
    state: "less",
    found: `${address ?? "its address"} is on no network that is searched here: there is no MAC address to see`,
    nextStep: "Run this on the cameras' network, or name its interface under network.interfaces.",
  };
}

/** What each proof came to where the camera is now. */
export function proofItems(verification: Verification): readonly CheckItem[] {
  const { verdict, reason, candidate, evidence } = verification;
  const no: CheckState = exitCodeOfReason(reason) === EXIT.person ? "act" : "absent";
  const states = { passed: "ok", skipped: "info", failed: no } as const;
  const steps = evidence.steps.map(({ proof, outcome, detail }): CheckItem => ({
    part: `proof: ${proof}`,
    state: states[outcome],
    found: detail,
  }));
  if (verdict === "verified")
    return [...steps, { part: "proved", state: "ok", found: `at ${candidate}, in ${formatDuration(evidence.took)}` }];
  const { title, nextStep } = reasonOf(reason);
  const last: CheckItem = { part: "not proved", state: no, found: `at ${candidate}: ${title}` };
  return [...steps, nextStep === "" ? last : { ...last, nextStep }];
}

/**
 * What would be written into each document.
 * @param closed why a document may not be written, by target
 * @param mayRestart whether the options let Frigate be restarted, by target
 */
export function writingItems(
  plan: Plan,
  closed: ReadonlyMap<string, string>,
  mayRestart: ReadonlyMap<string, boolean>,
): readonly CheckItem[] {
  return plan.documents.flatMap((document) => {
    const part = `document ${document.target}`;
    if (document.problem !== undefined)
      return [
        {
          part,
          state: "act",
          found: document.problem,
          ...(document.nextStep === undefined ? {} : { nextStep: document.nextStep }),
        } as const,
      ];
    const reason = closed.get(document.target);
    const places = document.edits.map(({ path }) => pathWords(path)).join(", ");
    const what =
      document.edits.length === 0
        ? "nothing to write: the camera does not stand in it"
        : `would write ${counted(document.edits.length, "place")}: ${places}`;
    if (reason !== undefined && document.edits.length > 0)
      return [
        {
          part,
          state: "act",
          found: `${document.place}: ${what}; but it may not: ${reason}`,
          nextStep: reasonOf("DocumentForbidden").nextStep,
        } as const,
      ];
    return [
      { part, state: document.edits.length === 0 ? "info" : "ok", found: `${document.place}: ${what}` } as const,
      ...restartItems(document, mayRestart),
    ];
  });
}

function restartItems(document: DocumentPlan, mayRestart: ReadonlyMap<string, boolean>): readonly CheckItem[] {
  if (document.restart.length === 0) return [];
  const part = `restart ${document.target}`;
  const why = `Frigate reads ${restartPlaces(document)} only when it starts`;
  if (mayRestart.get(document.target) === true) return [{ part, state: "info", found: `${why}: it may need a restart` }];
  return [
    { part, state: "less", found: why, nextStep: "Restart Frigate by hand then; pictures that it reads through go2rtc need no restart." },
  ];
}

/** What each go2rtc would be told. Lists its streams and calls nothing else. */
export async function serverItems(
  plan: Plan,
  servers: readonly Pick<StreamServer, "name" | "place" | "list" | "objection">[],
  signal: AbortSignal,
): Promise<readonly CheckItem[]> {
  if (plan.streams.length === 0)
    return [{ part: "go2rtc", state: "info", found: "nothing to tell: no stream of a document reads from the camera" }];
  return (await Promise.all(servers.map((server) => serverItem(plan, server, signal)))).flat();
}

async function serverItem(
  plan: Plan,
  server: Pick<StreamServer, "name" | "place" | "list" | "objection">,
  signal: AbortSignal,
): Promise<readonly CheckItem[]> {
  const part = `go2rtc ${server.name}`;
  let streams: ReadonlyMap<string, StreamState>;
  const objections = new Map<string, string>();
  try {
    streams = await server.list(signal);
    for (const { stream, sources } of plan.streams) {
      const isAsked = streams.has(stream) && sources !== undefined;
      const objection = isAsked ? await server.objection?.(stream as StreamName, sources, signal) : undefined;
      if (objection !== undefined) objections.set(stream, objection);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StreamServerError)) throw error;
    const { severity, nextStep } = reasonOf(error.reason);
    return [{ part, state: severity === "error" ? "act" : "absent", found: atPlace(server.place, error.message), nextStep }];
  }
  return plan.streams.map(({ stream, sources, left }): CheckItem => {
    const state = streams.get(stream);
    if (state === undefined) return { part, state: "info", found: `has no stream ${stream}: it is not told` };
    if (sources === undefined) return { part, state: "less", found: `${stream}: ${left ?? "cannot be told"}` };
    const objection = objections.get(stream);
    if (objection !== undefined) return { part, state: "less", found: `${stream}: it ${objection}`, nextStep: UNTOLD };
    const connected = state.producers.filter(({ videoPackets }) => videoPackets !== undefined).length;
    const follows = state.producers.length === sources.length && connected <= 1;
    const calls = follows ? "PATCH, then PUT: its viewers follow" : "PUT: its viewers connect again";
    return { part, state: "ok", found: `${stream}: ${calls}; ${counted(sources.length, "source")}` };
  });
}

/** The one sentence at the end. */
export function rehearsalVerdict(title: string, items: readonly CheckItem[]): string {
  const count = (state: CheckState): number => items.filter((item) => item.state === state).length;
  if (count("act") > 0)
    return `It would not work for ${title}: ${counted(count("act"), "part needs", "parts need")} a person. Nothing was changed.`;
  if (count("absent") > 0)
    return `It would not work for ${title} just now: ${counted(count("absent"), "part is", "parts are")} absent. Nothing was changed.`;
  return `It would work: ${title} would be found, proved and healed. Nothing was changed.`;
}
