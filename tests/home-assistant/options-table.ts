import type { Field, Words } from "./app-options.ts";

/** The table of the form's options in `DOCS.md`, from `config.yaml` and the English words. */
export function optionsTable(fields: readonly Field[], words: ReadonlyMap<string, Words>): string {
  const rows = fields.map(({ path, type, isList }) => {
    const choices = /^list\((.*)\)$/.exec(type)?.[1]?.split("|");
    const shown = choices === undefined ? "" : ` One of ${choices.map((choice) => `\`${choice}\``).join(", ")}.`;
    const many = isList ? " A list." : "";
    const { name, description = "" } = words.get(path) ?? { name: "" };
    return `| \`${path}\` | ${name} | ${description}${shown}${many} |`;
  });
  return ["| option | in the form | meaning |", "|---|---|---|", ...rows].join("\n");
}
