import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** One error as it was thrown, from the outermost to its last cause: fast-check wraps the assertion that failed. */
export type ErrorChain = readonly { readonly name: string; readonly message: string }[];

/** What a run came to, in the words that the harness needs: Vitest's JSON report leaves out the causes of errors. */
export interface RunReport {
  readonly passed: number;
  /** The errors of each test that failed. */
  readonly failed: readonly { readonly test: string; readonly errors: readonly ErrorChain[] }[];
  /** Errors outside tests: a file that does not parse or resolve, a hook that threw, a rejection that nobody handled. */
  readonly outside: readonly ErrorChain[];
}

interface Thrown {
  readonly name?: string;
  readonly message: string;
  readonly cause?: unknown;
}

const DEEPEST_CAUSE = 5;

function isThrown(value: unknown): value is Thrown {
  return typeof value === "object" && value !== null && "message" in value && typeof value.message === "string";
}

function chainOf(error: Thrown): ErrorChain {
  const chain: { name: string; message: string }[] = [];
  let next: unknown = error;
  while (isThrown(next) && chain.length < DEEPEST_CAUSE) {
    chain.push({ name: next.name ?? "Error", message: next.message.slice(0, 500) });
    next = next.cause;
  }
  return chain;
}

/** Writes a `RunReport` to the file that `RUN_REPORT` names. Given to Vitest by path, which takes a default export. */
export default class FailureReporter implements Reporter {
  readonly #failed: { test: string; errors: ErrorChain[] }[] = [];
  #passed = 0;

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === "passed") this.#passed += 1;
    if (result.state === "failed") this.#failed.push({ test: test.fullName, errors: result.errors.map(chainOf) });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly Thrown[]): void {
    const path = process.env["RUN_REPORT"];
    if (path === undefined) throw new Error("RUN_REPORT names no file");
    const suites = modules.flatMap((module) => [
      ...module.errors(),
      ...[...module.children.allSuites()].flatMap((suite) => suite.errors()),
    ]);
    const report: RunReport = { passed: this.#passed, failed: this.#failed, outside: [...suites, ...unhandled].map(chainOf) };
    writeFileSync(path, JSON.stringify(report));
  }
}
