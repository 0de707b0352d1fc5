/** What a Frigate that is spoken to over HTTP can answer with instead of doing what it was asked. */
export type FrigateReason =
  | "FrigateUnreachable"
  | "FrigateRefusesLogin"
  | "FrigateForbids"
  | "FrigateRefused"
  | "FrigateCertificateChanged"
  | "NotFrigate";

/** A call to Frigate that did not do what it should; the message names the place and the remedy and holds no secret. */
export class FrigateError extends Error {
  override readonly name = "FrigateError";
  readonly reason: FrigateReason;
  /** The HTTP status, where Frigate answered. */
  readonly status: number | undefined;
  constructor(reason: FrigateReason, message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.reason = reason;
    this.status = options.status;
  }
}
