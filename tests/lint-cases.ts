/** A file that breaks a rule of `.oxlintrc.json`, and its like that keeps it. The paths decide which overrides apply. */
export interface LintCase {
  readonly rule: string;
  readonly bad: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
}

function one(rule: string, path: string, bad: string, good: string, goodPath = path): LintCase {
  return { rule, bad: { [path]: bad }, good: { [goodPath]: good } };
}

const lines = (count: number) => "// one line\n".repeat(count);
const exported = "export const port = 1;\n";

export const LINT_CASES: readonly LintCase[] = [
  one(
    "eslint(eqeqeq)",
    "src/domain/equal.ts",
    "export const same = (a: string, b: string) => a == b;\n",
    "export const same = (a: string, b: string) => a === b;\n",
  ),
  one("eslint(max-lines)", "src/domain/long.ts", lines(301) + exported, lines(299) + exported),
  one("eslint(max-lines)", "tests/domain/long.test.ts", lines(401) + exported, lines(399) + exported),
  one("eslint(no-console)", "src/runtime/print.ts", 'console.log("ready");\n', 'console.log("ready");\n', "src/commands/print.ts"),
  one(
    "eslint(no-empty)",
    "src/domain/nothing.ts",
    "export function f(): void {\n  try {\n    f();\n  } catch {}\n}\n",
    "export function f(): void {\n  f();\n}\n",
  ),
  one("eslint(no-empty-function)", "src/domain/hollow.ts", "export function f(): void {}\n", "export const f = (): void => undefined;\n"),
  one(
    "eslint(no-restricted-globals)",
    "src/runtime/nap.ts",
    "export const nap = (wake: () => void) => setTimeout(wake, 1);\n",
    "export const nap = (wake: () => void) => setTimeout(wake, 1);\n",
    "src/adapters/system/nap.ts",
  ),
  one(
    "eslint(no-restricted-globals)",
    "src/reconcilers/ask.ts",
    'export const ask = () => fetch("http://127.0.0.1/");\n',
    'export const ask = () => fetch("http://127.0.0.1/");\n',
    "src/adapters/go2rtc/ask.ts",
  ),
  one(
    "eslint(no-restricted-globals)",
    "src/domain/environment.ts",
    "export const folder = process.cwd();\n",
    "export const folder = process.cwd();\n",
    "src/main.ts",
  ),
  one(
    "eslint(no-restricted-properties)",
    "src/runtime/now.ts",
    "export const now = () => Date.now();\n",
    "export const now = () => Date.now();\n",
    "src/adapters/system/now.ts",
  ),
  one(
    "eslint(no-restricted-properties)",
    "src/reconcilers/until.ts",
    "export const until = () => AbortSignal.timeout(1);\n",
    "export const until = () => AbortSignal.timeout(1);\n",
    "src/adapters/lan/until.ts",
  ),
  one(
    "eslint(no-restricted-properties)",
    "src/runtime/dice.ts",
    "export const dice = () => Math.random();\n",
    "export const dice = () => Math.random();\n",
    "src/adapters/system/dice.ts",
  ),
  one(
    "eslint(no-restricted-properties)",
    "src/adapters/system/quit.ts",
    "export const quit = () => process.exit(1);\n",
    "export const quit = () => process.exit(1);\n",
    "src/main.ts",
  ),
  one(
    "eslint(no-var)",
    "src/domain/old.ts",
    "export function f(): number {\n  var one = 1;\n  one += 1;\n  return one;\n}\n",
    "export function f(): number {\n  let one = 1;\n  one += 1;\n  return one;\n}\n",
  ),
  one("eslint(no-warning-comments)", "src/domain/later.ts", `// ${"TO"}DO: finish\n${exported}`, `// finished\n${exported}`),
  one(
    "eslint(prefer-const)",
    "src/domain/fixed.ts",
    "export function f(): number {\n  let one = 1;\n  return one;\n}\n",
    "export function f(): number {\n  const one = 1;\n  return one;\n}\n",
  ),
  {
    rule: "import(no-cycle)",
    bad: {
      "src/domain/ring-left.ts": 'import { right } from "./ring-right.ts";\nexport const left = (): number => right();\n',
      "src/domain/ring-right.ts": 'import { left } from "./ring-left.ts";\nexport const right = (): number => left();\n',
    },
    good: {
      "src/domain/row-left.ts": 'import { right } from "./row-right.ts";\nexport const left = (): number => right();\n',
      "src/domain/row-right.ts": "export const right = (): number => 1;\n",
    },
  },
  one("import(no-default-export)", "src/domain/nameless.ts", "export default 1;\n", "export default 1;\n", "tool.config.ts"),
  one("typescript(ban-ts-comment)", "src/domain/hush.ts", `// @ts-ignore\n${exported}`, exported),
  one("typescript(no-explicit-any)", "src/domain/anything.ts", "export type Anything = any[];\n", "export type Anything = unknown[];\n"),
  one(
    "typescript(no-floating-promises)",
    "src/domain/float.ts",
    "export function f(work: Promise<void>): void {\n  void work;\n}\n",
    "export async function f(work: Promise<void>): Promise<void> {\n  await work;\n}\n",
  ),
  one(
    "typescript(no-misused-promises)",
    "src/domain/misuse.ts",
    "export const f = (work: Promise<boolean>): number => (work ? 1 : 2);\n",
    "export const f = async (work: Promise<boolean>): Promise<number> => ((await work) ? 1 : 2);\n",
  ),
  one("typescript(no-namespace)", "src/domain/space.ts", "export namespace Space {\n  export type One = 1;\n}\n", "export type One = 1;\n"),
  one(
    "typescript(no-non-null-assertion)",
    "src/domain/sure.ts",
    "export const f = (text?: string): string => text!;\n",
    'export const f = (text?: string): string => text ?? "";\n',
  ),
  one(
    "typescript(only-throw-error)",
    "src/domain/throw.ts",
    'export function f(): never {\n  throw "no";\n}\n',
    'export function f(): never {\n  throw new Error("no");\n}\n',
  ),
  one(
    "typescript(parameter-properties)",
    "src/domain/given.ts",
    "export class Given {\n  constructor(readonly one: number) {\n    this.two = one;\n  }\n  readonly two: number;\n}\n",
    "export class Given {\n  readonly one: number;\n  constructor(one: number) {\n    this.one = one;\n  }\n}\n",
  ),
  one(
    "typescript(switch-exhaustiveness-check)",
    "src/domain/switch.ts",
    'export function f(on: "a" | "b"): void {\n  switch (on) {\n    case "a":\n      f("b");\n  }\n}\n',
    'export function f(on: "a" | "b"): void {\n  switch (on) {\n    case "a":\n      return f("b");\n    case "b":\n      return f("a");\n  }\n}\n',
  ),
  one(
    "typescript(no-unsafe-argument)",
    "src/domain/unsafe-argument.ts",
    "export const f = (text: string): number => Number.parseInt(JSON.parse(text), 10);\n",
    "export const f = (text: string): number => Number.parseInt(String(JSON.parse(text)), 10);\n",
  ),
  one(
    "typescript(no-unsafe-assignment)",
    "src/domain/unsafe-assignment.ts",
    "export function f(text: string): string {\n  const value = JSON.parse(text);\n  return String(value);\n}\n",
    "export function f(text: string): string {\n  const value: unknown = JSON.parse(text);\n  return String(value);\n}\n",
  ),
  one(
    "typescript(no-unsafe-call)",
    "src/domain/unsafe-call.ts",
    "export function f(text: string): void {\n  JSON.parse(text)();\n}\n",
    "export function f(text: () => void): void {\n  text();\n}\n",
  ),
  one(
    "typescript(no-unsafe-member-access)",
    "src/domain/unsafe-member.ts",
    "export const f = (text: string): string => String(JSON.parse(text).name);\n",
    "export const f = (text: { name: string }): string => text.name;\n",
  ),
  one(
    "typescript(no-unsafe-return)",
    "src/domain/unsafe-return.ts",
    "export const f = (text: string): string => JSON.parse(text);\n",
    "export const f = (text: string): string => String(JSON.parse(text));\n",
  ),
  one("unicorn(filename-case)", "src/domain/camelCase.ts", exported, exported, "src/domain/kebab-case.ts"),
  one(
    "unicorn(prefer-node-protocol)",
    "src/config/read.ts",
    'import { readFileSync } from "fs";\nexport const read = readFileSync;\n',
    'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
  ),
  one(
    "vitest(no-disabled-tests)",
    "tests/domain/off.test.ts",
    `import { expect, it } from "vitest";\nit.${"skip"}("adds", () => {\n  expect(1 + 1).toBe(2);\n});\n`,
    'import { expect, it } from "vitest";\nit("adds", () => {\n  expect(1 + 1).toBe(2);\n});\n',
  ),
  one(
    "vitest(no-focused-tests)",
    "tests/domain/alone.test.ts",
    `import { expect, it } from "vitest";\nit.${"only"}("adds", () => {\n  expect(1 + 1).toBe(2);\n});\n`,
    'import { expect, it } from "vitest";\nit("adds", () => {\n  expect(1 + 1).toBe(2);\n});\n',
  ),

  one(
    "vitest(valid-expect)",
    "tests/domain/expect.test.ts",
    'import { expect, it } from "vitest";\nit("adds", () => {\n  expect(2, "two", "three").toBe(2);\n});\n',
    'import { expect, it } from "vitest";\nit("adds", () => {\n  expect(2, "two").toBe(2);\n});\n',
  ),
  one(
    "house(no-barrel)",
    "src/ports/everything.ts",
    'export * from "./port.ts";\n',
    "export interface Port {\n  open(): void;\n}\n",
    "src/ports/port.ts",
  ),
  one(
    "house(no-barrel)",
    "src/runtime/pass-on.ts",
    'export { now } from "./own.ts";\n',
    "export const now = (): number => 1;\n",
    "src/runtime/own.ts",
  ),
  one(
    "house(no-base-class)",
    "src/runtime/heir.ts",
    "import { Base } from './base.ts';\nexport class Heir extends Base {}\n",
    "export class Heir extends Error {}\nexport class Heiress extends TypeError {}\n",
    "src/runtime/heir-of-error.ts",
  ),
  one(
    "house(no-base-class)",
    "src/runtime/base.ts",
    "export abstract class Base {\n  abstract open(): void;\n}\n",
    "export class Base {\n  open(): number {\n    return 1;\n  }\n}\n",
    "src/runtime/concrete.ts",
  ),
  one("house(no-enum)", "src/domain/colours.ts", "export enum Colour {\n  Red,\n}\n", 'export type Colour = "red" | "blue";\n'),
  one(
    "house(no-hidden-clock)",
    "src/runtime/today.ts",
    "export const today = () => new Date();\n",
    "export const day = (at: number) => new Date(at);\n",
  ),
  one(
    "house(no-module-state)",
    "src/runtime/count.ts",
    "let count = 0;\nexport const next = () => ++count;\n",
    "export function counter(): () => number {\n  let count = 0;\n  return () => ++count;\n}\n",
  ),
  one(
    "house(no-module-state)",
    "src/runtime/cache.ts",
    "export const cache = new Map<string, string>();\n",
    'export const units = new Map([["s", 1000]]);\nexport const none: readonly string[] = [];\n',
  ),
  one(
    "house(no-module-state)",
    "src/runtime/single.ts",
    "export class Single {\n  static current = 1;\n}\n",
    "export class Single {\n  static readonly limit = 1;\n}\n",
  ),
  one(
    "house(no-shell)",
    "src/adapters/system/line.ts",
    "export const options = { shell: true };\n",
    "export const options = { shell: false };\n",
  ),
  one(
    "house(no-shell)",
    "src/adapters/system/exec.ts",
    'import { exec } from "node:child_process";\nexport const run = exec;\n',
    'import { execFile } from "node:child_process";\nexport const run = execFile;\n',
  ),
  one("house(no-vague-name)", "src/domain/string-utils.ts", exported, exported, "src/domain/text.ts"),
  one("house(no-vague-name)", "src/domain/index.ts", exported, exported, "src/domain/ports.ts"),
  one("house(no-vague-name)", "src/runtime/streams.ts", "export class StreamManager {}\n", "export class Streams {}\n"),
  one(
    "house(plain-constructor)",
    "src/runtime/busy.ts",
    "export class Busy {\n  constructor(start: () => void) {\n    start();\n  }\n}\n",
    "export class Busy {\n  readonly start: () => void;\n  constructor(start: () => void) {\n    this.start = start;\n  }\n}\n",
  ),

  one(
    "house(rooms)",
    "src/domain/clock.ts",
    'import { createHash } from "node:crypto";\nexport const hash = createHash;\n',
    'import { createHash } from "node:crypto";\nexport const hash = createHash;\n',
    "src/reconcilers/clock.ts",
  ),
  one(
    "house(rooms)",
    "src/domain/file.ts",
    'import { readFile } from "node:fs/promises";\nexport const read = readFile;\n',
    'import { readFile } from "node:fs/promises";\nexport const read = readFile;\n',
    "src/config/file.ts",
  ),
  one(
    "house(rooms)",
    "src/reconcilers/run.ts",
    'import { execFile } from "node:child_process";\nexport const run = execFile;\n',
    'import { execFile } from "node:child_process";\nexport const run = execFile;\n',
    "src/adapters/system/run.ts",
  ),
  one(
    "house(rooms)",
    "src/runtime/sleep.ts",
    'import { setTimeout as sleep } from "node:timers/promises";\nexport const wait = sleep;\n',
    'import { setTimeout as sleep } from "node:timers/promises";\nexport const wait = sleep;\n',
    "src/adapters/system/sleep.ts",
  ),
  one(
    "house(rooms)",
    "src/domain/inside-out.ts",
    'import type { Port } from "../ports/port.ts";\nexport type Mine = Port;\n',
    'import type { Port } from "../ports/port.ts";\nexport type Mine = Port;\n',
    "src/runtime/inwards.ts",
  ),
  one(
    "house(rooms)",
    "src/ports/backwards.ts",
    'import { inner } from "../reconcilers/inner.ts";\nexport const mine = inner;\n',
    'import { inner } from "../reconcilers/inner.ts";\nexport const mine = inner;\n',
    "src/commands/inner.ts",
  ),
  one(
    "house(rooms)",
    "src/reconcilers/vendor.ts",
    'import { streams } from "../adapters/go2rtc/streams.ts";\nexport const mine = streams;\n',
    'import { streams } from "./adapters/go2rtc/streams.ts";\nexport const mine = streams;\n',
    "src/app.ts",
  ),
  one(
    "house(rooms)",
    "src/adapters/lan/neighbour.ts",
    'import { streams } from "../go2rtc/streams.ts";\nexport const mine = streams;\n',
    'import { streams } from "./streams.ts";\nexport const mine = streams;\n',
    "src/adapters/go2rtc/neighbour.ts",
  ),
  one(
    "house(rooms)",
    "src/adapters/lan/ground.ts",
    'import { now } from "../system/clock.ts";\nexport const mine = now;\n',
    'import { exchange } from "../system/http-exchange.ts";\nexport const mine = exchange;\n',
  ),
  one(
    "house(rooms)",
    "src/adapters/lan/loop.ts",
    'import { inner } from "../../runtime/inner.ts";\nexport const mine = inner;\n',
    'import { Stalled } from "../../runtime/outcome.ts";\nexport const mine = Stalled;\n',
  ),
  one(
    "house(rooms)",
    "src/commands/whole.ts",
    'import { app } from "../app.ts";\nexport const mine = app;\n',
    'import { app } from "../src/app.ts";\nexport const mine = app;\n',
    "tests/whole.ts",
  ),
  one(
    "house(rooms)",
    "src/reconcilers/test-only.ts",
    'import { fake } from "../../tests/fake.ts";\nexport const mine = fake;\n',
    'import { inner } from "../src/reconcilers/inner.ts";\nexport const fake = inner;\n',
    "tests/fake.ts",
  ),
];

/** What the cases import: files that keep every rule. */
export const LINT_SURROUNDINGS: Readonly<Record<string, string>> = {
  "src/reconcilers/inner.ts": "export const inner = 1;\n",
  "src/adapters/go2rtc/streams.ts": "export const streams = 1;\n",
  "src/adapters/system/clock.ts": "export const now = 1;\n",
  "src/adapters/system/http-exchange.ts": "export const exchange = 1;\n",
  "src/runtime/inner.ts": "export const inner = 1;\n",
  "tests/fake.ts": "export const fake = 1;\n",
  "src/app.ts": "export const app = 1;\n",
  "src/runtime/outcome.ts": "export class Stalled extends Error {}\n",
};
