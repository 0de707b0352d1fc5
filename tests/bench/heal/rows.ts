import type { Figure, Sample } from "./moving.ts";
import { figuresOf, type Row, type Target } from "./figures.ts";

/** Which samples make which line of the table. */
interface RowPlan {
  readonly scene: string;
  readonly figure: Figure;
  readonly what: string;
  readonly target?: Target;
  /** Scenes of other healers with the same figure. */
  readonly beside?: readonly string[];
}

const NEW_CLIENT: Target = { p50: 1_000, p95: 1_500 };
const DOCUMENT: Target = { p95: 3_000 };

const PLAN: readonly RowPlan[] = [
  { scene: "bare", figure: "newClient", what: "DHCP move, new client", target: NEW_CLIENT, beside: ["oracle", "poller"] },
  { scene: "bare", figure: "document", what: "DHCP move, document right", target: DOCUMENT, beside: ["poller"] },
  { scene: "watched", figure: "frigateLike", what: "DHCP move, Frigate-like watcher", target: { p95: 5_000 } },
  { scene: "watched", figure: "mse", what: "DHCP move, MSE viewer", target: { p95: 5_000 } },
  { scene: "watched", figure: "newClient", what: "DHCP move of a watched stream, new client", target: NEW_CLIENT, beside: ["oracle"] },
  { scene: "watched", figure: "document", what: "DHCP move of a watched stream, document", target: DOCUMENT },
  { scene: "hang", figure: "frigateLike", what: "DHCP move, connections left hanging, Frigate-like" },
  { scene: "hang", figure: "mse", what: "DHCP move, connections left hanging, MSE" },
  { scene: "hang", figure: "newClient", what: "DHCP move, connections left hanging, new client", beside: ["oracle"] },
  { scene: "hang-again", figure: "frigateLike", what: "the next DHCP move of those, Frigate-like", target: { p95: 5_000 } },
  { scene: "hang-again", figure: "mse", what: "the next DHCP move of those, MSE", target: { p95: 5_000 } },
  { scene: "absent-10", figure: "frigateLike", what: "absent 10 s, Frigate-like watcher", target: { p95: 9_000 } },
  { scene: "absent-10", figure: "mse", what: "absent 10 s, MSE viewer", target: { p95: 9_000 } },
  { scene: "absent-90", figure: "frigateLike", what: "absent 90 s, Frigate-like watcher", target: { p95: 20_000 } },
  { scene: "absent-90", figure: "mse", what: "absent 90 s, MSE viewer", target: { p95: 20_000 } },
  { scene: "absent-90", figure: "document", what: "absent 90 s, document right", target: DOCUMENT },
  { scene: "several", figure: "newClient", what: "several sources, new client", target: NEW_CLIENT, beside: ["oracle"] },
  { scene: "several", figure: "frigateLike", what: "several sources, Frigate-like watcher", target: { p95: 60_000 } },
  { scene: "several", figure: "mse", what: "several sources, MSE viewer", target: { p95: 60_000 } },
  { scene: "several-again", figure: "frigateLike", what: "the next move of those, Frigate-like watcher", target: { p95: 60_000 } },
  { scene: "several-again", figure: "mse", what: "the next move of those, MSE viewer", target: { p95: 60_000 } },
  { scene: "silent", figure: "newClient", what: "silent move, client present, new client", target: { p95: 15_000 } },
  { scene: "silent", figure: "mse", what: "silent move, client present, MSE viewer" },
  { scene: "silent", figure: "document", what: "silent move, client present, document" },
  { scene: "idle", figure: "unwatched", what: "silent move, no client at all", target: { p95: 40_000 } },
  { scene: "oracle", figure: "newClient", what: "oracle: knows the answer, new client" },
  { scene: "poller", figure: "newClient", what: "poller of 60 s, new client" },
  { scene: "poller", figure: "document", what: "poller of 60 s, document right" },
];

/** The table of what was measured; lines without a sample are left out. */
export function rowsOf(samples: readonly Sample[]): readonly Row[] {
  const values = (scene: string, figure: Figure): readonly (number | null)[] =>
    samples.flatMap((sample) => {
      const value = sample.scene === scene ? sample.figures[figure] : undefined;
      return value === undefined ? [] : [value];
    });
  return PLAN.flatMap(({ scene, figure, what, target, beside }) => {
    const own = values(scene, figure);
    if (own.length === 0) return [];
    const peers = (beside ?? []).flatMap((name) => {
      const theirs = values(name, figure);
      return theirs.length === 0 ? [] : [{ name, p50: figuresOf(theirs).p50 }];
    });
    return [{ what, samples: own, peers, ...(target === undefined ? {} : { target }) }];
  });
}
