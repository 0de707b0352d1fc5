import { maskCredentials } from "./mask.ts";

/** The text; one of more than `most` signs is cut, and shows it. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/**
 * What another program said, as a part of a message: on one line, of at most `most` signs, without credentials. It is cut last, because half a URL does
 * not show that it holds a password; what is far beyond the cut is not read at all.
 */
export function saidWords(text: string, most: number): string {
  const words = text
    .slice(0, 100 * most)
    .replaceAll(/\s+/g, " ")
    .trim();
  const near = words.slice(0, 10 * most);
  const isWhole = text.length <= 100 * most && words.length <= 10 * most;
  // Blanks and what is masked make it short: the word that was cut through may come to stand before the end.
  return maskCredentials(isWhole ? near : near.replace(/\s\S*$|^\S*:\/\/\S*$/, "")).slice(0, most);
}
