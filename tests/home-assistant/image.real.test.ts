import { existsSync, lstatSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtImage } from "./container.ts";
import { filesBelow, partsOf } from "./image-parts.ts";

const root = join(import.meta.dirname, "..", "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };

describe("the image", () => {
  const image = builtImage();
  const files = filesBelow(image.root);
  const names = new Set(files.map((path) => basename(path)));

  it("says how it is started, stopped and asked for its health", () => {
    expect(image.config).toMatchObject({
      Entrypoint: ["camera-shepherd"],
      Cmd: ["run"],
      StopSignal: "SIGTERM",
      User: "",
      Volumes: { "/data": {} },
      Healthcheck: { Test: ["CMD", "healthy"], Retries: 3 },
      Labels: { "io.hass.type": "app", "io.hass.version": manifest.version, "org.opencontainers.image.licenses": "MIT" },
    });
    expect(image.config.Labels["io.hass.arch"]).toMatch(/^(?:amd64|arm64|aarch64)$/);
  });

  it("has the programs that are run, and the bundle in the place of node_modules", () => {
    expect(
      ["ip", "arp-scan", "git", "ssh", "node", "healthy", "camera-shepherd.mjs", "find", "sh"].filter(
        (name) => !names.has(name) && !existsSync(join(image.root, "bin", name)),
      ),
    ).toEqual([]);
    expect(files.filter((path) => path.includes("node_modules"))).toEqual([]);
    expect(
      files.filter((path) => path.startsWith("app/")).filter((path) => !/^app\/(?:camera-shepherd|parts\/[\w-]+)\.mjs$/.test(path)),
    ).toEqual([]);
  });

  it("has no compiler, no package manager of Node's, and no cache", () => {
    const tools =
      /^(?:(?:[\w-]+-)?(?:gcc|g\+\+|cc|c\+\+|clang|ld|as|ar|make|cmake|rustc|go|tcc)(?:-\d+)?|npm|npx|yarn|corepack|pip3?|curl|wget)$/;
    expect(files.filter((path) => /(?:^|\/)s?bin\//.test(path) && tools.test(basename(path)))).toEqual([]);
    const caches = /^(?:var\/lib\/apt\/lists|var\/cache|root\/\.(?:npm|cache)|home|tmp|var\/tmp|build)\/./;
    expect(files.filter((path) => caches.test(path))).toEqual([]);
    expect(files.filter((path) => /^usr\/share\/(?:man|info|locale)\/./.test(path) && !/(?:locale\.alias|info\/dir)$/.test(path))).toEqual(
      [],
    );
  });

  // What this machine lends to the build are empty places to mount on, where the builder leaves anything.
  it("has no secret: no login, no key, and nothing of what was lent to its build", () => {
    const logins = /(?:^|\/)(?:\.?npmrc|\.netrc|auth\.conf|\.docker|\.ssh|id_(?:rsa|ed25519)|.*\.key|.*_history|\.env)(?:$|\/)/;
    expect(files.filter((path) => logins.test(path) && lstatSync(join(image.root, path)).size > 0)).toEqual([]);
    const own = files.filter((path) => /^(?:app|etc|root|usr\/local\/(?:etc|bin\/healthy))\b/.test(path));
    expect(own.length).toBeGreaterThan(50);
    const secret = /canary-|-----BEGIN [A-Z ]*PRIVATE KEY|_authToken|machine \S+ login/;
    expect(own.filter((path) => secret.test(readFileSync(join(image.root, path), "latin1")))).toEqual([]);
    expect(image.config.Env.filter((variable) => !/^(?:PATH|NODE_ENV|CAMERA_SHEPHERD_(?:DATA_DIR|HEARTBEAT))=/.test(variable))).toEqual([]);
  });

  it("is as large as docs/image.md says, and each of its ten largest parts is justified there", () => {
    const page = readFileSync(join(root, "docs/image.md"), "utf8");
    const table = /<!-- parts:begin -->\n([\s\S]*?)<!-- parts:end -->/.exec(page)?.[1] ?? "";
    const told = new Map(
      [...table.matchAll(/^\| `([^`]+)` \| ([\d.]+) \| (\S.*) \|$/gm)].map(([, name = "", size = "", why = ""]) => [
        name,
        { megabytes: Number(size), why },
      ]),
    );
    const parts = partsOf(image.root);
    const differing = parts.slice(0, 10).filter(({ name, bytes }) => {
      const row = told.get(name);
      return row === undefined || row.why.length < 10 || Math.abs(row.megabytes * 1e6 - bytes) > bytes / 4 + 100_000;
    });
    expect(differing).toEqual([]);
    const all = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    const said = Number(/About (\d+) MB of files/.exec(page)?.[1]) * 1e6;
    expect(Math.abs(said - all)).toBeLessThan(all / 10);
  });
});
