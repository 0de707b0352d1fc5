import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";

export const DEPLOY = join(import.meta.dirname, "..", "..", "deploy");

/** One object of Kubernetes, as far as the tests look at it. */
export type Manifest = Record<string, unknown> & { readonly apiVersion: string; readonly kind: string };

/** Every manifest of a folder below `deploy`, kustomizations and templates left out; by file. */
export function manifests(folder: string): ReadonlyMap<string, readonly Manifest[]> {
  const names = readdirSync(join(DEPLOY, folder)).filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml");
  return new Map(names.map((name) => [`${folder}/${name}`, read(`${folder}/${name}`)]));
}

export function read(path: string): readonly Manifest[] {
  return readAll(readFileSync(join(DEPLOY, path), "utf8"), path);
}

/** The objects of a text; empty documents are left out. */
export function readAll(text: string, path: string): readonly Manifest[] {
  return loadAll(text)
    .filter((document) => document !== null)
    .map((document) => {
      if (typeof document !== "object" || document === null || !("apiVersion" in document) || !("kind" in document))
        throw new Error(`${path} holds something that is no object of Kubernetes`);
      return document as Manifest;
    });
}

/** Every value at a key path, `*` for each item of a list or each value of a group. */
export function at(value: unknown, path: string): readonly unknown[] {
  let found: readonly unknown[] = [value];
  for (const part of path.split(".")) {
    found = found.flatMap((one): readonly unknown[] => {
      if (typeof one !== "object" || one === null) return [];
      if (part === "*") return Object.values(one);
      return Object.hasOwn(one, part) ? [(one as Record<string, unknown>)[part]] : [];
    });
  }
  return found;
}
