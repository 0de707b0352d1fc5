/** A fenced block of a Markdown page. */
export interface Fence {
  readonly language: string;
  readonly text: string;
}

/** Every fenced block of a page, in order. */
export function fences(page: string): readonly Fence[] {
  return [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({ language, text }));
}

/** Every line of a page's shell fences that is a command. */
export function shellLines(page: string): readonly string[] {
  return fences(page)
    .filter(({ language }) => language === "shell")
    .flatMap(({ text }) => text.split("\n"))
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

/** The part of a page under a heading of the second level, without that of the next. @throws where there is none */
export function section(page: string, heading: string): string {
  const found = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`no section ${heading}`);
  return found.slice(heading.length + 1);
}

/** The words of a command as a shell makes them, as far as quotes go; what follows an output redirection is left out. */
export function words(command: string): readonly string[] {
  const bare = command.replace(/ >\S+$/, "");
  return [...bare.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? "");
}

/** The anchors of a page's headings, as GitHub makes them. */
export function headings(page: string): readonly string[] {
  const text = page.replaceAll(/^```[\s\S]*?^```$/gm, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
