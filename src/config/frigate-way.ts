import { type FoundDocument, foundWords } from "./document-places.ts";

/** Where Frigate listens on its own machine without a login. */
export const NEAREST_FRIGATE = "http://127.0.0.1:5000";

/** How one Frigate's document is reached, and why so, in words that follow its place. */
export type FrigateWay =
  | { readonly kind: "file"; readonly path: string; readonly why: string }
  | { readonly kind: "api"; readonly url: string; readonly why: string }
  | { readonly kind: "git"; readonly why: string }
  | { readonly kind: "kubernetes"; readonly why: string }
  /** Nobody named it, and it could not be found for certain. */
  | { readonly kind: "unnamed"; readonly found: string }
  /** Left alone. */
  | { readonly kind: "none" };

export interface WayQuestion {
  readonly via: "auto" | "file" | "api" | "git" | "kubernetes" | "none";
  readonly file?: string | undefined;
  readonly url?: string | undefined;
  readonly git?: object | undefined;
  readonly kubernetes?: { readonly configmap?: string | undefined } | undefined;
}

export interface WaySenses {
  /** Looks for the document on this machine. */
  find(): Promise<FoundDocument>;
  /** Whether a Frigate answers there. */
  answers(url: string): Promise<boolean>;
  /** Which of a repository and a ConfigMap is written, and why; undefined where not both are given. */
  choice?(): Promise<{ readonly kind: "git" | "kubernetes"; readonly why: string } | undefined>;
}

/**
 * Chooses the way: what a person named, a file before a repository, and of that and a ConfigMap the one that nobody else puts back; else the document on this machine, which is replaced atomically and needs no running Frigate; else Frigate's API
 * at the address that was given, or on this machine where it answers.
 */
export async function frigateWay(question: WayQuestion, senses: WaySenses, nearest = NEAREST_FRIGATE): Promise<FrigateWay> {
  const { via, file, url, git, kubernetes } = question;
  if (via === "none") return { kind: "none" };
  const choice = await senses.choice?.();
  if (choice !== undefined) return choice;
  if (git !== undefined && (via === "git" || (via === "auto" && file === undefined)))
    return { kind: "git", why: via === "git" ? "via: git" : "frigate.git is given" };
  if (via === "kubernetes" || (via === "auto" && file === undefined && kubernetes?.configmap !== undefined))
    return { kind: "kubernetes", why: via === "kubernetes" ? "via: kubernetes" : "frigate.kubernetes.configmap is given" };
  if (via === "api") {
    const why = url === undefined ? "via: api, and no other address is given" : "via: api";
    return { kind: "api", url: url ?? nearest, why };
  }
  if (file !== undefined) return { kind: "file", path: file, why: "it is named under frigate.file" };
  const found = await senses.find();
  if (found.kind === "found" && (url === undefined || found.what !== "stand-alone go2rtc"))
    return { kind: "file", path: found.path, why: `it was found on this machine (${found.what})` };
  if (via === "file") return { kind: "unnamed", found: foundWords(found) };
  const none =
    found.kind === "several" ? "several documents were found on this machine" : "Frigate's document was not found on this machine";
  if (url !== undefined) return { kind: "api", url, why: `${none}, and frigate.url is given` };
  if (found.kind === "none" && (await senses.answers(nearest)))
    return { kind: "api", url: nearest, why: `${none}, and Frigate answers there` };
  return { kind: "unnamed", found: foundWords(found) };
}
