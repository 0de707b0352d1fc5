/** Tells whether a copy of the program runs on this memory. */
export interface RunLock {
  /** The folder of the memory, for a person who asks another one than they think. */
  readonly folder: string;
  /** Takes it until the process ends. @returns false where another process has it */
  take(): boolean;
  /** True where another process has it. */
  isTaken(): boolean;
  /** Gives it up; does no harm where it was not taken. */
  release(): void;
}
