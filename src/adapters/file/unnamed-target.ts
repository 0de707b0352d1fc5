import type { DocumentFormat } from "../../domain/document.ts";
import { type ConfigTarget, TargetError, type TargetName } from "../../ports/config-target.ts";

export interface UnnamedTargetSettings {
  readonly name: TargetName;
  /** What came of looking for it: none, or several. */
  readonly found: string;
  readonly format: DocumentFormat;
}

/** A document that nobody named and that could not be found for certain: whoever wants to use it is told so. */
export class UnnamedTarget implements ConfigTarget {
  readonly name: TargetName;
  readonly place: string;
  readonly format: DocumentFormat;
  readonly #found: string;

  constructor(settings: UnnamedTargetSettings) {
    this.name = settings.name;
    this.place = "Frigate's configuration";
    this.format = settings.format;
    this.#found = settings.found;
  }

  read(): Promise<never> {
    return Promise.reject(this.#unnamed());
  }

  write(): Promise<never> {
    return Promise.reject(this.#unnamed());
  }

  checkWritable(): Promise<never> {
    return Promise.reject(this.#unnamed());
  }

  #unnamed(): TargetError {
    return new TargetError("DocumentUnnamed", this.#found);
  }
}
