import { exitCodeOfReason } from "../src/commands/sync-report.ts";
import { nextStepOf } from "../src/domain/next-step.ts";
import { type ReasonCode, type Reason, REASONS } from "../src/domain/reasons.ts";

/** The table of `docs/operations.md`, from the table of reasons: what needs a person first, then what passes by itself, then what is no trouble. */
export function reasonsTable(): string {
  const all = Object.entries(REASONS) as readonly (readonly [ReasonCode, Reason])[];
  const order = ["error", "warning", "info"] as const;
  const rows = order.flatMap((severity) =>
    all
      .filter(([, reason]) => reason.severity === severity)
      .map(([code, reason]) => `| \`${code}\` | ${reason.title} | ${exitCodeOfReason(code)} | ${todo(code, reason)} |`),
  );
  return ["| code | what it means | exit code of `sync` | what to do |", "|---|---|---|---|", ...rows].join("\n");
}

function todo(code: ReasonCode, { severity }: Reason): string {
  const nextStep = nextStepOf(code, "commands").replace(/camera-shepherd (?!adopt)[a-z]+(?: --list| CAMERA)?/, "`$&`");
  if (nextStep !== "") return nextStep;
  return severity === "info" ? "Nothing." : "Wait: it is tried again.";
}
