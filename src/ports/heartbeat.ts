/** A sign of life for whoever supervises the program, such as a container's health check. */
export interface Heartbeat {
  /** Gives one, now. @throws where it cannot be given */
  beat(): Promise<void>;
  /** The program ends in order: there is nothing to supervise any more. Never throws. */
  end(): Promise<void>;
}
