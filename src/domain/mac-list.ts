import type { IpAddress, MacAddress } from "./addresses.ts";

/** One machine of a list that another program, or a person, made. */
export interface ListedMac {
  /** Counted from 1. */
  readonly line: number;
  readonly mac: MacAddress;
  readonly name?: string;
  readonly address?: IpAddress;
}

/** A line that says nothing that could be used: what is wrong, and the remedy. */
export interface BrokenLine {
  readonly line: number;
  readonly problem: string;
}

export interface MacList {
  readonly machines: readonly ListedMac[];
  readonly broken: readonly BrokenLine[];
}

/** Machines beyond are not read. */
export const MOST_MACHINES = 10_000;
