/** Where a value came from. */
export interface Origin {
  readonly layer: "default" | "document" | "environment" | "secret file" | "command line";
  /** The path of the document, or the variable's name. */
  readonly place: string;
  /** Counted from 1; absent where it is not known. */
  readonly line?: number;
}

/** One thing that is wrong with the options. Holds no secret. */
export interface Problem extends Origin {
  /** Path in the document, such as `cameras[0].mac[1]`; empty where the whole is meant. */
  readonly path: string;
  readonly message: string;
}

/** One line for a person: place, path, what is wrong. */
function formatProblem(problem: Problem): string {
  const place = problem.line === undefined ? problem.place : `${problem.place}:${problem.line}`;
  const named = problem.layer === "document" || problem.layer === "default" ? place : `${problem.layer} ${place}`;
  return [named, problem.path, problem.message].filter((part) => part !== "").join(": ");
}

/** Every problem, one a line, under a heading that says how many there are. */
export function formatProblems(problems: readonly Problem[]): string {
  const heading = problems.length === 1 ? "The options have an error:" : `The options have ${problems.length} errors:`;
  return [heading, ...problems.map((problem) => `  ${formatProblem(problem)}`), ""].join("\n");
}

/** What was left out, one a line, under a heading that says so. */
export function formatIgnored(ignored: readonly Problem[]): string {
  const heading = "Options of another release are left out, the others hold; remove them in the app's configuration:";
  return [heading, ...ignored.map((problem) => `  ${formatProblem(problem)}`), ""].join("\n");
}
