import { milliseconds } from "../domain/duration.ts";
import { type Action, type ActionResult, refused } from "../ports/actions.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { ProposalRecord } from "../ports/consents.ts";
import type { Status } from "../ports/status.ts";
import { Waiting } from "../runtime/outcome.ts";
import { type Approvals, moveWords } from "./approvals.ts";
import type { Documents } from "./documents.ts";
import type { Fleet } from "./fleet.ts";
import type { Switching } from "./switching.ts";
import type { Turns } from "./turns.ts";
import type { Undoing } from "./undoing.ts";

type Asked<Verb extends Action["verb"]> = Extract<Action, { readonly verb: Verb }>;

export interface ConsentVerbsPorts {
  readonly fleet: Fleet;
  readonly approvals: Approvals;
  readonly documents: Documents;
  readonly undoing: Undoing;
  readonly turns: Turns<TargetName>;
  readonly switching: Switching;
  readonly clock: Clock;
  readonly status: Status;
}

/** Writes exactly the change with this id, or the one that waits. @throws the signal's reason when aborted */
export async function approve(ports: ConsentVerbsPorts, asked: Asked<"approve">, signal: AbortSignal): Promise<ActionResult> {
  const { approvals, fleet, documents, turns, clock } = ports;
  const waiting = approvals.all();
  const ids = waiting.map((one) => one.id).join(", ");
  if (asked.id === undefined && waiting.length !== 1)
    return refused("ProposalChanged", waiting.length === 0 ? "nothing waits for approval" : `several changes wait: ${ids}; name one`);
  const id = asked.id ?? ids;
  const proposal = waiting.find((one) => one.id === id);
  const target = fleet.targets.find(({ name }) => name === proposal?.target);
  if (proposal === undefined || target === undefined) return refused("ProposalChanged", `no change ${id} waits for approval`);
  const attempt = async (turn: AbortSignal): Promise<ActionResult> => {
    approvals.grant(target.name, id);
    try {
      do await documents.heal(target, turn);
      while (documents.pending(target.name) && (await pause(clock, turn)));
    } catch (error) {
      if (!(error instanceof Waiting)) throw error;
      return refused(error.reason, error.message);
    } finally {
      approvals.withdraw(target.name);
    }
    return outcomeOf(ports, target.name, proposal);
  };
  return turns.run(target.name, attempt, signal);
}

/** Reads from what is proposed afterwards what became of an approved change. */
function outcomeOf({ approvals, fleet, status }: ConsentVerbsPorts, name: TargetName, proposal: ProposalRecord): ActionResult {
  const now = approvals.proposed(name);
  if (now === undefined) return { kind: "accepted", message: `change ${proposal.id} was written: ${moveWords(proposal.edits)}` };
  if (now.id !== proposal.id)
    return refused(
      "ProposalChanged",
      `change ${proposal.id} is not what would be written now; change ${now.id} is: ${moveWords(now.edits)}`,
    );
  const unproved = proposal.cameras.filter((camera) => fleet.settled(camera) === undefined);
  if (unproved.length > 0) return refused("Searching", `${unproved.join(", ")} is not proved at its new address just now; try again`);
  const condition = status.get(`target/${name}/lease`) ?? status.get(`target/${name}`);
  return refused(condition?.reason ?? "InternalError", condition?.message ?? `change ${proposal.id} was not written`);
}

/** Puts a document, and go2rtc with it, back to what it was before the last change. @throws the signal's reason when aborted */
export async function undo(ports: ConsentVerbsPorts, action: Asked<"undo">, signal: AbortSignal): Promise<ActionResult> {
  const { fleet, undoing, turns, switching, documents } = ports;
  const name = action.target ?? undoing.latestTarget()?.name;
  const target = fleet.targets.find((one) => one.name === name || one.place === name);
  if (target === undefined) {
    if (action.target === undefined) return refused("NothingToUndo", "this program has changed no document, or all of it was undone");
    return refused("NothingToUndo", `no document is called ${action.target}; there is ${fleet.targets.map((one) => one.name).join(", ")}`);
  }
  const undone = await turns.run(target.name, (turn) => undoing.undo(target, action.to, turn), signal);
  if (undone.kind === "refused") return undone;
  for (const { device, former, refused: address } of undone.devices) {
    documents.confirm(device);
    await switching.putBack(device, former, address, signal);
  }
  const held = undone.devices.map(({ device, refused: address }) => `${fleet.device(device)?.title ?? device} to ${address}`).join(", ");
  return { kind: "accepted", message: held === "" ? undone.message : `${undone.message}; not healed again before a resync: ${held}` };
}

/** An undo that a person merged: its cameras are taken to be where they were, as after one that was written. @throws the signal's reason when aborted */
export async function putBackMerged(
  ports: Pick<ConsentVerbsPorts, "undoing" | "documents" | "switching">,
  target: ConfigTarget | undefined,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { device, former, refused: address } of target === undefined ? [] : ports.undoing.merged(target, text)) {
    ports.documents.confirm(device);
    await ports.switching.putBack(device, former, address, signal);
  }
}

async function pause(clock: Clock, signal: AbortSignal): Promise<true> {
  await clock.wait("the other of two cameras that swapped", milliseconds(100), signal);
  return true;
}
