import type { IpAddress, MacAddress } from "./addresses.ts";
import type { DeviceId } from "./camera.ts";
import type { Instant } from "./duration.ts";
import type { Notice } from "./notice.ts";

/** A camera that moved, was proved at its new address, and was healed. Holds no secret. */
export interface HealedMove {
  readonly camera: DeviceId;
  readonly name: string;
  /** One that it is known by; absent where none is. */
  readonly mac?: MacAddress;
  /** Where it was; absent where that was not known. */
  readonly from?: IpAddress;
  readonly to: IpAddress;
  /** When it was healed. */
  readonly at: Instant;
  /** Number of the record that says why the address was accepted; absent where none was kept. */
  readonly evidence?: number;
}

/** A switch whose outcome is not known yet. */
export type PendingMove = Pick<HealedMove, "from" | "to" | "evidence">;
export type PendingMoves = ReadonlyMap<DeviceId, PendingMove>;

/**
 * Follows what is told of moves: one is healed once video flows from the new address, or where no stream can be watched. A camera that moves on, or is
 * taken back, before it was healed is told of once, from where it was before the first move.
 */
export function followMove(
  pending: PendingMoves,
  notice: Notice,
): { readonly pending: PendingMoves; readonly healed?: PendingMove & { readonly camera: DeviceId } } {
  switch (notice.kind) {
    case "moved": {
      const { device, to, evidenceId } = notice;
      const from = pending.get(device)?.from ?? notice.from;
      const move = { to, ...(from === undefined ? {} : { from }), ...(evidenceId === undefined ? {} : { evidence: evidenceId }) };
      return { pending: new Map([...pending, [device, move]]) };
    }
    case "frames":
    case "unwatched": {
      const move = pending.get(notice.device);
      const isIt = move !== undefined && (notice.kind === "unwatched" || notice.from === move.to);
      if (!isIt) return { pending };
      const rest = withoutMove(pending, notice.device);
      return move.from === move.to ? { pending: rest } : { pending: rest, healed: { ...move, camera: notice.device } };
    }
    case "forgotten":
      return { pending: withoutMove(pending, notice.device) };
    default:
      return { pending };
  }
}

/** What is left once nobody waits for the device's outcome any more: the very same where nobody did. */
export function withoutMove(pending: PendingMoves, device: DeviceId): PendingMoves {
  if (!pending.has(device)) return pending;
  return new Map([...pending].filter(([other]) => other !== device));
}
