import { maskCredentials } from "../../domain/mask.ts";

declare const brand: unique symbol;

/** HTML in which every text from elsewhere was escaped. Made only here, so that a bare text never passes for it. */
export type Markup = { readonly [brand]: "Markup"; readonly text: string };

type Part = Markup | string | number | readonly Markup[] | undefined;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** HTML from a template: what is put in is escaped, and credentials in it are masked; nothing is put in for `undefined`. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const pieces = fixed.map((piece, index) => piece + shown(parts[index]));
  return { text: pieces.join("") } as Markup;
}

function shown(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "object") return "text" in part ? part.text : part.map(({ text }) => text).join("");
  // A sign that a browser or a terminal would act on stands for nothing that a person reads.
  const plain = maskCredentials(String(part)).replaceAll(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
  return plain.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
}
