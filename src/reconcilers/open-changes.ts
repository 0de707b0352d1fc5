import type { DeviceId } from "../domain/camera.ts";
import type { HostEdit } from "../domain/document.ts";
import { documentOf } from "../domain/remembered-document.ts";
import { sameMeaning } from "../domain/same-meaning.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConfigTarget, TargetName } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";

/** A change of a document that may still be taken back, or while which go2rtc may rewrite the document by itself. */
export interface OpenChange {
  readonly id: number;
  readonly before: string;
  readonly after: string;
  /** What it changed; that of earlier changes too, as long as those could be taken back. Unknown after a restart. */
  readonly edits: readonly HostEdit[];
  readonly devices: ReadonlySet<DeviceId>;
}

/** What is to become of a document, before and after. */
export interface Intent {
  readonly before: string;
  readonly after: string;
  readonly edits: readonly HostEdit[];
  readonly devices: readonly DeviceId[];
}

export interface OpenChangesPorts {
  readonly registry: Registry;
  readonly clock: Clock;
}

/**
 * The changes of documents that are not settled: at most one a document. One stays open while frames of a device of it are awaited, and while go2rtc
 * is told of one. Nothing else keeps it open: a text that a person wrote later must never pass for go2rtc's.
 */
export class OpenChanges {
  readonly #ports: OpenChangesPorts;
  readonly #open = new Map<TargetName, OpenChange>();
  readonly #awaited = new Set<DeviceId>();
  readonly #told = new Map<DeviceId, number>();
  /** Documents whose change waits where people decide: nothing of it was written. */
  readonly #proposed = new Set<TargetName>();

  constructor(ports: OpenChangesPorts) {
    this.#ports = ports;
  }

  /**
   * Takes up what an earlier run began; of several changes of one document only the latest counts. One of a document that is not there waits for it: it may
   * be away only in this run.
   */
  resume(targets: readonly ConfigTarget[]): void {
    const { registry } = this.#ports;
    for (const change of registry.openChanges()) {
      const name = documentOf(change, targets)?.name;
      if (name === undefined) continue;
      const earlier = this.#open.get(name)?.id;
      if (earlier !== undefined) registry.settleChange(earlier, "abandoned");
      const { id, before, after } = change;
      this.#open.set(name, { id, before, after, edits: [], devices: new Set() });
    }
  }

  of(name: TargetName): OpenChange | undefined {
    return this.#open.get(name);
  }

  /** The open changes of a device whose frames are awaited. */
  awaitedOf(device: DeviceId): readonly (readonly [TargetName, OpenChange])[] {
    const isMeant = ([name, change]: readonly [TargetName, OpenChange]): boolean => change.devices.has(device) && !this.#proposed.has(name);
    return this.#awaited.has(device) ? [...this.#open].filter(isMeant) : [];
  }

  /** Frames of the device decide whether its changes stand. */
  awaitFrames(device: DeviceId): void {
    this.#awaited.add(device);
  }

  /** What is changed for the device is not taken back any more. */
  noLongerAwaited(device: DeviceId): void {
    this.#awaited.delete(device);
  }

  /** Runs what tells go2rtc of a device; its documents' changes stay open meanwhile. */
  async whileTold<T>(device: DeviceId, tell: () => Promise<T>): Promise<T> {
    this.#told.set(device, (this.#told.get(device) ?? 0) + 1);
    try {
      return await tell();
    } finally {
      const left = (this.#told.get(device) ?? 1) - 1;
      if (left > 0) this.#told.set(device, left);
      else this.#told.delete(device);
    }
  }

  /** True while go2rtc is told of a device of the document's open change. */
  isTold(name: TargetName): boolean {
    return [...(this.#open.get(name)?.devices ?? [])].some((device) => this.#told.has(device));
  }

  /** What the text means: itself, or what was meant where go2rtc rewrote it at our calls. */
  meant(target: ConfigTarget, text: string): string {
    const change = this.#open.get(target.name);
    if (change === undefined || target.format.kind !== "go2rtc" || text === change.before) return text;
    return sameMeaning(target.format, text, change.after, change.before) ? change.after : text;
  }

  /** The change was not written, and may be by somebody else. It stays the same one however often it is proposed. */
  propose(name: TargetName): void {
    this.#proposed.add(name);
  }

  /** Records the change before it is made. The one before it stands, or lives on in this one where it could still be taken back. */
  begin(target: Pick<ConfigTarget, "name" | "place">, { before, after, edits, devices }: Intent): OpenChange {
    const { registry, clock } = this.#ports;
    const { name } = target;
    const earlier = this.#open.get(name);
    const wasProposed = this.#proposed.delete(name);
    const pending = earlier !== undefined && this.#isPending(earlier) ? earlier : undefined;
    const all = new Set([...(pending?.devices ?? []), ...devices]);
    if (earlier?.after === after) {
      const merged = {
        ...earlier,
        edits: earlier.edits.length > 0 ? earlier.edits : edits,
        devices: new Set([...earlier.devices, ...all]),
      };
      this.#open.set(name, merged);
      return merged;
    }
    if (earlier !== undefined) registry.settleChange(earlier.id, wasProposed ? "abandoned" : "kept");
    const from = pending?.before ?? before;
    const id = registry.beginChange(target, from, after, clock.now());
    const change: OpenChange = { id, before: from, after, edits: [...(pending?.edits ?? []), ...edits], devices: all };
    this.#open.set(name, change);
    return change;
  }

  /** The document holds this text, and no address in it is to be changed: settles the change unless something is still awaited. */
  settle(name: TargetName, text: string): void {
    const change = this.#open.get(name);
    if (change !== undefined && !this.#isPending(change)) this.close(name, text === change.after ? "kept" : "abandoned");
  }

  /** A device's part was taken back: the document holds `text` now. */
  takenBack(name: TargetName, device: DeviceId, text: string): void {
    const change = this.#open.get(name);
    if (change === undefined) return;
    const devices = new Set([...change.devices].filter((other) => other !== device));
    const rest: OpenChange = { ...change, before: text, after: text, devices };
    if (this.#isPending(rest)) this.#open.set(name, rest);
    else this.close(name, "restored");
  }

  close(name: TargetName, state: "kept" | "restored" | "abandoned"): void {
    const change = this.#open.get(name);
    if (change === undefined) return;
    this.#ports.registry.settleChange(change.id, state);
    this.#open.delete(name);
    this.#proposed.delete(name);
  }

  #isPending({ devices }: OpenChange): boolean {
    return [...devices].some((device) => this.#awaited.has(device) || this.#told.has(device));
  }
}
