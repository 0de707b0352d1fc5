/** Bundles the program into one file that Node 24 starts without node_modules: `node script/build.mjs [FOLDER]`, else into dist. */

import { chmod, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "dist"));
const parts = join(folder, "parts");
const launcher = join(folder, "camera-shepherd.mjs");

// Some dependencies are CommonJS and call `require` of Node's own modules: an ES module has to make it first.
const banner = ['import { createRequire as makeRequire } from "node:module";', "const require = makeRequire(import.meta.url);"].join("\n");

await rm(parts, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  // What only some runs need, such as the HTTP listener, is a file of its own that others do not even read.
  entryPoints: { program: "src/main.ts" },
  outdir: parts,
  outExtension: { ".js": ".mjs" },
  splitting: true,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  minifySyntax: true,
  sourcemap: "external",
  banner: { js: banner },
  logLevel: "warning",
});
// An older Node.js cannot even load the program; this can tell.
const start = `#!/usr/bin/env node
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(\`camera-shepherd needs Node.js 24 or newer, and this is \${process.versions.node}: install Node.js 24\\n\`);
  process.exit(2);
}
// A home has a few cameras and one small heap: V8's young generation and glibc's arenas are kept to what that needs, and nothing here runs hot enough
// to repay the optimising compilers, whose code alone takes 8 MB. All of them are read at the start alone.
const lean = ["--max-semi-space-size=1", "--optimize-for-size", "--no-opt", "--no-maglev"];
if (typeof process.execve === "function" && !process.execArgv.includes(lean[0])) {
  const environment = { MALLOC_ARENA_MAX: "2", ...process.env };
  process.execve(process.execPath, [process.execPath, ...lean, ...process.execArgv, ...process.argv.slice(1)], environment);
}
await import("./parts/program.mjs");
`;
await writeFile(launcher, start);
await chmod(launcher, 0o755);
