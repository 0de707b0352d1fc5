/** Bundles the program into one file that Node 24 starts without node_modules: `node script/build.mjs [FOLDER]`, else into dist. */

import { chmod, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "dist"));
const outfile = join(folder, "camera-shepherd.mjs");

// Some dependencies are CommonJS and call `require` of Node's own modules: an ES module has to make it first.
const banner = [
  "#!/usr/bin/env node",
  'import { createRequire as makeRequire } from "node:module";',
  "const require = makeRequire(import.meta.url);",
].join("\n");

await rm(outfile, { force: true });
await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  minifySyntax: true,
  sourcemap: "external",
  banner: { js: banner },
  logLevel: "warning",
});
await chmod(outfile, 0o755);
