import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { start } from "../world/programs.ts";
import { eventually, pause } from "../world/waiting.ts";

/** What was collected of each place where a secret could have come to light. */
export type Places = ReadonlyMap<string, string | Buffer>;

/** Where one of the secrets stands, in clear or as the Base64 of a login: `place: secret`. */
export function findings(places: Places, secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap((secret) =>
    [secret, ...["viewer", "admin", ""].map((user) => Buffer.from(`${user}:${secret}`).toString("base64").replace(/=+$/, ""))].map(
      (form) => ({ secret, bytes: Buffer.from(form) }),
    ),
  );
  return [...places].flatMap(([place, content]) => {
    const bytes = Buffer.from(content);
    return forms.flatMap(({ secret, bytes: form }) => (bytes.includes(form) ? [`${place}: ${secret}`] : []));
  });
}

/** Captures every packet on every wire of the household's switch. */
export async function captureAll(file: string): Promise<AsyncDisposable & { readonly end: () => Promise<Buffer> }> {
  let isListening = false;
  const program = start("tcpdump", ["-i", "any", "-n", "-U", "-s", "0", "--immediate-mode", "-Z", "root", "-w", file], {
    namespace: "switch",
    onComplaint: (line) => (isListening ||= line.includes("listening on")),
  });
  await eventually("tcpdump", () => (program.assertRunning(), isListening), 10_000, 5);
  return {
    end: async () => {
      // What was sent last is still on its way to the file.
      await pause(300);
      await program.stop();
      return readFile(file);
    },
    [Symbol.asyncDispose]: () => program.stop(),
  };
}

/** Watches the argument lists of a program and of everything that it starts, and the environments of the latter. */
export function watchArguments(
  pid: number,
): AsyncDisposable & { readonly seen: () => ReadonlySet<string>; readonly environments: () => string } {
  const seen = new Set<string>();
  const environments = new Set<string>();
  const end = new AbortController();
  const look = async (one: number, isChild: boolean): Promise<void> => {
    const text = (file: string): Promise<string> => readFile(`/proc/${String(one)}/${file}`, "utf8").catch(() => "");
    const line = (await text("cmdline")).replaceAll("\0", " ").trim();
    if (line !== "") seen.add(line);
    // Before it becomes the other program, a child has the arguments and the environment of its parent.
    if (isChild && line !== "" && !line.includes("src/main.ts")) environments.add(await text("environ"));
    const tasks = await readdir(`/proc/${String(one)}/task`).catch(() => []);
    for (const task of tasks) {
      const children = (await text(join("task", task, "children"))).split(" ").filter((child) => child !== "");
      await Promise.all(children.map((child) => look(Number(child), true)));
    }
  };
  const loop = (async (): Promise<void> => {
    while (!end.signal.aborted) {
      await look(pid, false);
      await pause(4, end.signal);
    }
  })();
  return {
    seen: () => seen,
    environments: () => [...environments].join("\n"),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await loop;
    },
  };
}

/** Every table of the program's memory as text, by its name. */
export function tablesOf(path: string): ReadonlyMap<string, string> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    const names = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
      .map(({ name }) => String(name));
    return new Map(names.map((name) => [name, JSON.stringify(database.prepare(`SELECT * FROM "${name}"`).all())]));
  } finally {
    database.close();
  }
}
