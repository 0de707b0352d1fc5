import { type Action, type ActionResult, type Actions, refused, type Verb } from "../ports/actions.ts";

/** Who carries out which verb; one that is absent is not offered here. */
export type VerbHandlers = {
  readonly [Name in Verb]?: (action: Extract<Action, { readonly verb: Name }>, signal: AbortSignal) => ActionResult | Promise<ActionResult>;
};

/** Brings every request to the one that carries it out. */
export function createActions(handlers: VerbHandlers): Actions {
  const verbs = new Set(VERBS.filter((verb) => handlers[verb] !== undefined));
  return {
    verbs,
    async perform(action, signal) {
      signal.throwIfAborted();
      return (await carryOut(handlers, action, signal)) ?? NOT_OFFERED;
    },
  };
}

const VERBS: readonly Verb[] = ["resync", "reconnect", "adopt", "forget", "approve", "undo", "sighting"];

const NOT_OFFERED = refused("NotOffered", "this cannot be asked for here");

/** One case a verb, so that each handler gets the action of its own kind. */
function carryOut(handlers: VerbHandlers, action: Action, signal: AbortSignal): ReturnType<NonNullable<VerbHandlers[Verb]>> | undefined {
  switch (action.verb) {
    case "resync":
      return handlers.resync?.(action, signal);
    case "reconnect":
      return handlers.reconnect?.(action, signal);
    case "adopt":
      return handlers.adopt?.(action, signal);
    case "forget":
      return handlers.forget?.(action, signal);
    case "approve":
      return handlers.approve?.(action, signal);
    case "undo":
      return handlers.undo?.(action, signal);
    case "sighting":
      return handlers.sighting?.(action, signal);
    default:
      return action satisfies never;
  }
}
