/**
 * How many insertions, deletions, replacements and swaps of neighbours turn one text into the other (Damerau-Levenshtein, optimal string
 * alignment). Texts longer than 64 characters are compared by their first 64.
 */
export function editDistance(one: string, other: string): number {
  const left = Array.from(one).slice(0, 64);
  const right = Array.from(other).slice(0, 64);
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [row, letter] of left.entries()) {
    const current = [row + 1];
    for (const [column, candidate] of right.entries()) {
      const replaced = (last[column] ?? 0) + (letter === candidate ? 0 : 1);
      const swapped = letter === right[column - 1] && left[row - 1] === candidate ? (beforeLast[column - 1] ?? Infinity) + 1 : Infinity;
      current.push(Math.min((last[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}

/**
 * The known word that a person most likely meant, upper and lower case and `-` and `_` being the same.
 * @returns undefined where none is near: at most one change in three letters, and one at least is allowed
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = fold(word);
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const folded = fold(candidate);
    const distance = editDistance(wanted, folded);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, folded.length) / 3));
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll("-", "_");
}
