import { DocumentError } from "./document.ts";

/** Of a change that is not made. @param why what else would change, or be unreadable */
export function notProved(why: string): DocumentError {
  return new DocumentError("RewriteNotProved", `nothing was written, because the change could not be proved: ${why}`);
}

/** Reads a text that was rewritten. @throws DocumentError that it is not proved, where it cannot be read */
export function understandAgain<Understood>(understand: (text: string) => Understood, text: string): Understood {
  try {
    return understand(text);
  } catch (error) {
    if (error instanceof DocumentError) throw notProved(`the document would not be readable afterwards: ${error.message}`);
    throw error;
  }
}
