import { type Board, type Note, NotifyError, type Shown } from "../../src/ports/notifier.ts";

/** A board in memory, which a person and a restart can take notes from. */
export class FakeBoard implements Board {
  readonly place = "Home Assistant";
  readonly notes = new Map<string, Note>();
  /** Ids in the order in which they were hung up. */
  readonly puts: string[] = [];
  away = false;
  #run = 1;

  /** Everything is gone, as after a restart of Core. */
  wipe(): void {
    this.notes.clear();
    this.#run += 1;
  }

  shown(signal: AbortSignal): Promise<Shown> {
    return this.#work(() => ({ ids: new Set(this.notes.keys()), run: String(this.#run) }), signal);
  }

  put(id: string, note: Note, signal: AbortSignal): Promise<void> {
    return this.#work(() => {
      this.puts.push(id);
      this.notes.set(id, note);
    }, signal);
  }

  remove(id: string, signal: AbortSignal): Promise<void> {
    return this.#work(() => void this.notes.delete(id), signal);
  }

  #work<T>(work: () => T, signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return this.away ? Promise.reject(new NotifyError("it cannot be reached")) : Promise.resolve(work());
  }
}
