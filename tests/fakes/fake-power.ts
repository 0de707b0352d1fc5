import { type PowerControl, PowerError } from "../../src/ports/power.ts";

/** Switches in memory. */
export class FakePower implements PowerControl {
  readonly place = "Home Assistant";
  readonly states = new Map<string, "on" | "off" | "unavailable">();
  /** `off switch.front`, in order. */
  readonly done: string[] = [];
  /** What fails from now on: a word of `done`, or `state`. */
  failing = new Set<string>();
  /** So many of the next words "on" are taken and lost on their way. */
  losing = 0;
  onChange: ((name: string, isOn: boolean) => void) | undefined;

  state(name: string, signal: AbortSignal): ReturnType<PowerControl["state"]> {
    return this.#work("state", name, signal, () => this.states.get(name) ?? "absent");
  }

  switchOff(name: string, signal: AbortSignal): Promise<void> {
    return this.#work("off", name, signal, () => this.#set(name, "off"));
  }

  switchOn(name: string, signal: AbortSignal): Promise<void> {
    return this.#work("on", name, signal, () => {
      if (this.losing > 0) this.losing -= 1;
      else this.#set(name, "on");
    });
  }

  press(name: string, signal: AbortSignal): Promise<void> {
    return this.#work("press", name, signal, () => undefined);
  }

  #set(name: string, state: "on" | "off"): void {
    this.states.set(name, state);
    this.onChange?.(name, state === "on");
  }

  #work<T>(what: string, name: string, signal: AbortSignal, work: () => T): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.failing.has(what)) return Promise.reject(new PowerError("it cannot be reached"));
    if (what !== "state") this.done.push(`${what} ${name}`);
    return Promise.resolve(work());
  }
}
