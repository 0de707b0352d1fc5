import type { OptionFiles } from "../../src/config/option-files.ts";

/** Files and environment as a test gives them; a file whose text is an error cannot be read. */
export function optionFiles(environment: Record<string, string> = {}, texts: Record<string, string | Error> = {}): OptionFiles {
  return {
    environment,
    home: "/home/viewer",
    read: (path) => {
      const text = texts[path];
      if (text === undefined) return Promise.resolve({ kind: "missing" });
      return Promise.resolve(text instanceof Error ? { kind: "unreadable", why: text.message } : { kind: "text", text });
    },
  };
}
