import { type Reservations, reservationsOf } from "../domain/reservations.ts";
import { EXIT, type ExitCode, type Invocation } from "./arguments.ts";
import { jsonLine } from "./json-line.ts";
import { counted, printable } from "./paint.ts";
import type { Program } from "./program.ts";

export interface ExportOutput {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Writes a file that is not there yet, or any where `force`. Gives why it could not; a file that is there is `exists`. */
  readonly writeFile: (
    path: string,
    text: string,
    force: boolean,
    signal: AbortSignal,
  ) => Promise<"written" | "exists" | { readonly why: string }>;
}

/** Hands out DHCP reservations of what was learned. Reads the database alone. */
export async function runExport(
  program: Program,
  invocation: Extract<Invocation, { kind: "export" }>,
  output: ExportOutput,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { format, out, force, json } = invocation;
  const learned = reservationsOf(program.reservables());
  const text = json || format === undefined ? jsonText(learned) : program.formatReservations(format, learned);
  if (!json) output.complain(learned.notes.map(({ message }) => `mind: ${printable(message)}\n`).join(""));
  if (learned.reservations.length === 0) {
    output.complain("no camera can be reserved for yet: let sync or run learn them while they answer\n");
    if (json) output.print(text);
    return EXIT.later;
  }
  if (out === undefined) {
    output.print(text);
    return EXIT.done;
  }
  const written = await output.writeFile(out, text, force, signal);
  if (written === "written") {
    output.complain(`${out}: ${counted(learned.reservations.length, "reservation")}\n`);
    return EXIT.done;
  }
  output.complain(
    written === "exists" ? `${out} is there already: name another file, or add --force\n` : `${out} cannot be written: ${written.why}\n`,
  );
  return written === "exists" ? EXIT.usage : EXIT.person;
}

function jsonText({ reservations, notes }: Reservations): string {
  return `${jsonLine({ reservations, notes })}\n`;
}
