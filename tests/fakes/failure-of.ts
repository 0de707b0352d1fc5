/** What a promise rejects with, watched from now on; undefined where it resolves. For failures that come while the test goes on. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
