/** Tells whether a copy of the program runs on this memory. */
export interface RunLock {
  /** Takes it until the process ends. @returns false where another process has it */
  take(): boolean;
  /** True where another process has it. */
  isTaken(): boolean;
  /** Gives it up; does no harm where it was not taken. */
  release(): void;
}
