/** A bound that keeps memory finite was reached: the message names what is full and the bound. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  readonly limit: number;
  constructor(what: string, limit: number, options?: ErrorOptions) {
    super(`${what} holds ${limit} already, its limit`, options);
    this.limit = limit;
  }
}
