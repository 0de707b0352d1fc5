import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** A digest of what the Dockerfile copies (`.dockerignore` lets nothing else in), of itself, and of what builds it here. */
export function imageInputs(): string {
  const copied = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
  const files = ["Dockerfile", ".dockerignore", "script/image", "script/image-base", ...copied].flatMap((path) =>
    statSync(join(root, path)).isDirectory()
      ? readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
          .map((name) => join(path, name))
          .filter((name) => statSync(join(root, name)).isFile())
      : [path],
  );
  const hash = createHash("sha256");
  for (const path of files.toSorted()) hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  return hash.digest("hex");
}
