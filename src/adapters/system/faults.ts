/** Why the program ends: an error that nobody awaited or caught, as its cause. */
export class Fault extends Error {
  override readonly name = "Fault";
}

/** Calls back for every error of this process that nobody awaited or caught; without this Node would end it on the spot. */
export function onFault(told: (error: unknown) => void): void {
  process.on("unhandledRejection", told);
  process.on("uncaughtException", told);
}
