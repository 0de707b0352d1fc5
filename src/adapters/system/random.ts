/** A number in [0, 1) for jitter. Not for secrets. */
export function systemRandom(): number {
  return Math.random();
}
