/** What js-yaml's reasons usually mean in a document that a person wrote, the first that fits. */
const USUAL_MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/tab character/, "a tab is used for indentation; use spaces"],
  [/null byte|non-printable|valid JSON character/, "there is a character that YAML does not allow"],
  [
    /bad indentation|end of the stream or a document separator is expected/,
    'the indentation does not fit the lines above, or a value that holds ": " needs quotes',
  ],
  [
    /comma|deficient indentation|within a flow collection/,
    "a bracket, brace or quote that was opened before is not closed, or a comma is missing",
  ],
  [/quoted scalar|escape sequence|hexadecimal/, "a quoted text is not closed, or holds a backslash that must be doubled"],
  [/mapping key|multiline key|whitespace character is expected/, "a colon with a space after it is missing after a key"],
  [/line break is expected|block scalar|indentation width|chomping/, "something stands after | or > that does not belong there"],
  [/tag/, "a tag (!…) is not well formed"],
  [/anchor|alias/, "an anchor (&…) or alias (*…) is not well formed"],
  [/maxDepth/, "lists and mappings are nested deeper than 100 levels"],
];

/** A sentence for a person about a reason that js-yaml gave. */
export function whyUnreadable(reason: string): string {
  const [, usual] = USUAL_MISTAKES.find(([pattern]) => pattern.test(reason)) ?? [];
  return usual === undefined ? `it is not valid YAML: ${reason}` : `it is not valid YAML here: ${usual}`;
}
