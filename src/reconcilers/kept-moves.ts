import { parseIp, parseMac } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { instant } from "../domain/duration.ts";
import type { HealedMove, PendingMove, PendingMoves } from "../domain/healed-move.ts";
import { type Plain, plain, plains, readJson } from "../domain/plain.ts";

/** Switches whose outcome is not known yet that are kept; the oldest make room. */
const MOST_PENDING = 200;

/** A move that one hook is still to be told of. */
export interface KeptMove {
  readonly move: HealedMove;
  /** Calls that failed; none is counted that tells nothing new. */
  readonly attempts: number;
}

/** What is remembered over a restart for those who are told of moves. Holds no secret. */
export interface KeptMoves {
  readonly pending: PendingMoves;
  /** By the name of the hook, in the order in which they came. */
  readonly waiting: ReadonlyMap<string, readonly KeptMove[]>;
}

export function writeMoves({ pending, waiting }: KeptMoves): string {
  const hooks = [...waiting].filter(([, moves]) => moves.length > 0).map(([hook, moves]) => ({ hook, moves }));
  const open = [...pending].slice(-MOST_PENDING).map(([camera, move]) => ({ camera, ...move }));
  return open.length + hooks.length === 0 ? "" : JSON.stringify({ pending: open, hooks });
}

/** What was written; whatever of it is of another form (an older or newer program's) is left out. */
export function readMoves(text: string | undefined): KeptMoves {
  const { pending, hooks } = plain(readJson(text ?? ""));
  return {
    pending: new Map(plains(pending).flatMap(pendingOf)),
    waiting: new Map(plains(hooks).flatMap(waitingOf)),
  };
}

function waitingOf({ hook, moves }: Plain): readonly (readonly [string, readonly KeptMove[]])[] {
  if (typeof hook !== "string") return [];
  return [[hook, plains(moves).flatMap(keptOf)]];
}

function keptOf({ move, attempts }: Plain): readonly KeptMove[] {
  const fields = plain(move);
  const { name, mac, at } = fields;
  if (typeof name !== "string" || typeof at !== "number") return [];
  const known = typeof mac === "string" ? parseMac(mac) : undefined;
  return pendingOf(fields).map(([camera, rest]) => ({
    move: { camera, name, ...(known === undefined ? {} : { mac: known }), ...rest, at: instant(at) },
    attempts: typeof attempts === "number" ? attempts : 0,
  }));
}

function pendingOf({ camera, from, to, evidence }: Plain): readonly (readonly [DeviceId, PendingMove])[] {
  const [former, present] = [from, to].map((address) => (typeof address === "string" ? parseIp(address) : undefined));
  if (typeof camera !== "string" || present === undefined) return [];
  const record = typeof evidence === "number" ? { evidence } : {};
  return [[camera as DeviceId, { ...(former === undefined ? {} : { from: former }), to: present, ...record }]];
}
