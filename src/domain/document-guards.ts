import type { Place } from "./document-format.ts";
import { placeholderNames } from "./placeholder.ts";
import type { YamlNode, YamlScalar, YamlText } from "./yaml-text.ts";

/**
 * Scalars that something other than a camera depends on: what stands under (or is shared by alias with) one of `others`, what is used as a key, and
 * variables that are named anywhere but in a camera's place. Rewriting one would move a broker or a listener along with a camera.
 */
export function guardedScalars(
  yaml: YamlText,
  others: readonly YamlNode[],
  places: readonly Place[],
  variables: readonly ReadonlyMap<string, YamlScalar>[],
): ReadonlySet<YamlScalar> {
  const guarded = new Set<YamlScalar>(yaml.keys);
  const waiting: YamlNode[] = [...others];
  const seen = new Set<YamlNode>();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === "scalar") guarded.add(node);
    else if (node.kind === "sequence") waiting.push(...node.items);
    else waiting.push(...node.pairs.flatMap(({ key, value }) => [key, value]));
  }
  const cameraPlaces = new Set(places.map((place) => place.scalar));
  for (const scalar of yaml.scalars) {
    if (cameraPlaces.has(scalar)) continue;
    for (const name of placeholderNames(scalar.value)) {
      for (const own of variables) {
        const variable = own.get(name);
        if (variable !== undefined) guarded.add(variable);
      }
    }
  }
  return guarded;
}

/** The scalars of a mapping by key: variables that a document sets. */
export function scalarValues(entries: ReadonlyMap<string, YamlNode>): ReadonlyMap<string, YamlScalar> {
  return new Map([...entries].flatMap(([name, node]) => (node.kind === "scalar" ? [[name, node] as const] : [])));
}

/** Variables with the document's own values in front: they win over those of the process (frigate/config/env.py, go2rtc internal/app/storage.go). */
export function withOwnValues(environment: ReadonlyMap<string, string>, own: ReadonlyMap<string, YamlScalar>): ReadonlyMap<string, string> {
  return new Map([...environment, ...[...own].map(([name, scalar]) => [name, scalar.value] as const)]);
}
