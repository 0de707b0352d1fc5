import type { Tell } from "../domain/notice.ts";
import type { Registry } from "../ports/registry.ts";
import type { Watcher } from "../ports/watcher.ts";

/** Lets watchers see what is told and what is proved, whoever does it. */
export class Watched {
  readonly #watchers = new Set<Watcher>();

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  /** `tell`, heard by every watcher as well. */
  tell(tell: Tell): Tell {
    return (notice) => {
      tell(notice);
      for (const watcher of this.#watchers) watcher.notice(notice);
    };
  }

  /** `registry`, of which every watcher sees the evidence and the restarts. It must be an object of plain functions, as `createRegistry` makes it. */
  registry<Kind extends Registry>(registry: Kind): Kind {
    return {
      ...registry,
      addEvidence: (record: Parameters<Watcher["evidence"]>[0]) => {
        for (const watcher of this.#watchers) watcher.evidence(record);
        return registry.addEvidence(record);
      },
      beginRestart: (...restart: Parameters<Registry["beginRestart"]>) => {
        for (const watcher of this.#watchers) watcher.restart(restart[1]);
        return registry.beginRestart(...restart);
      },
    };
  }
}
