import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Form } from "../world/shepherd.ts";
import { figuresOf, inSeconds, passes, table } from "./heal/figures.ts";
import type { Sample } from "./heal/moving.ts";
import { rowsOf } from "./heal/rows.ts";
import { bareMoves, pollerMoves, severalSources, silentMoves, watchedMoves, type SceneOptions } from "./heal/scenes.ts";

const HELP = `script/bench heal: how long it takes until a camera that moved is seen again

  --only LIST      of a, b, c, silent, poller (default: all, 13 minutes); parts of b: b-move, b-hang, b-10, b-90, b-several
  --moves N        how many moves in each scene
  --form FORM      sources (default) or bundle (made by npm run build)
  --json FILE      writes all samples and figures
  --help           this text

Times count from the DHCPREQUEST that the router acknowledged, silent moves from the moment the camera leaves its old address.
`;

interface Wishes extends Omit<SceneOptions, "onSample"> {
  readonly only: readonly string[];
  readonly json: string | undefined;
}

const PARTS = ["a", "b", "b-move", "b-hang", "b-10", "b-90", "b-several", "c", "silent", "poller"];

/** @returns undefined where only the help was wanted; @throws with a message for a person */
function readWishes(argv: readonly string[]): Wishes | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: "string", default: "a,b,c,silent,poller" },
      moves: { type: "string" },
      form: { type: "string", default: "sources" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only.split(",");
  const unknown = only.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${PARTS.join(", ")}`);
  if (values.moves !== undefined && !/^[1-9]\d{0,1}$/.test(values.moves)) throw new Error(`--moves: 1 to 99, not ${values.moves}`);
  if (values.form !== "sources" && values.form !== "bundle") throw new Error(`--form: sources or bundle, not ${values.form}`);
  const form: Form = values.form;
  return { only, form, json: values.json, moves: values.moves === undefined ? undefined : Number(values.moves) };
}

function load(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(" ");
}

async function bench(wishes: Wishes): Promise<boolean> {
  const samples: Sample[] = [];
  const failures: string[] = [];
  const begun = new Date();
  const loadBefore = load();
  const onSample = (sample: Sample): void => {
    samples.push(sample);
    const figures = Object.entries(sample.figures).map(([name, value]) => `${name} ${inSeconds(value ?? Number.POSITIVE_INFINITY)}`);
    process.stderr.write(`${sample.scene}: ${sample.camera} ${sample.from} → ${sample.to}: ${figures.join(", ")}\n`);
  };
  const options: SceneOptions = { form: wishes.form, moves: wishes.moves, onSample };
  const wanted = (part: string): boolean => wishes.only.some((one) => part === one || part.startsWith(`${one}-`));
  const scenes: readonly (readonly [name: string, yes: boolean, run: () => Promise<void>])[] = [
    ["bare", wanted("a") || wanted("c"), () => bareMoves(options)],
    ["watched", ["b-move", "b-hang", "b-10", "b-90"].some(wanted), () => watchedMoves(options, wanted)],
    ["several", wanted("b-several"), () => severalSources(options)],
    ["silent", wanted("silent"), () => silentMoves(options)],
    ["poller", wanted("poller"), () => pollerMoves(options)],
  ];
  for (const [name, yes, run] of scenes) {
    if (!yes) continue;
    await run().catch((error: unknown) => {
      const told = error instanceof Error ? error.message : String(error);
      failures.push(`${name} broke off: ${told}`);
    });
  }
  const rows = rowsOf(samples);
  const machine = { form: wishes.form, node: process.version, loadBefore, loadAfter: load() };
  const took = (Date.now() - begun.getTime()) / 60_000;
  process.stdout.write(
    [
      `heal, ${begun.toISOString()}, ${wishes.form}, Node ${machine.node}, load average ${loadBefore} before and ${machine.loadAfter} after, ` +
        `${took.toFixed(1)} min`,
      ...table(rows),
      ...failures,
      "",
    ].join("\n"),
  );
  if (wishes.json !== undefined) {
    const figures = rows.map((row) => ({ ...row, passed: passes(row) ?? null, figures: figuresOf(row.samples) }));
    const report = { bench: "heal", begun: begun.toISOString(), ...machine, failures, rows: figures, samples };
    await writeFile(wishes.json, `${JSON.stringify(report, undefined, 1)}\n`);
  }
  return failures.length === 0 && rows.length > 0 && rows.every((row) => passes(row) !== false);
}

try {
  const wishes = readWishes(process.argv.slice(2));
  if (wishes === undefined) process.stdout.write(HELP);
  else process.exitCode = (await bench(wishes)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`heal: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 64;
}
