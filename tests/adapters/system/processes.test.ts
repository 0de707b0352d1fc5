import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createProcesses, ProgramNotStarted } from "../../../src/adapters/system/processes.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const never = new AbortController().signal;
const node = (script: string) => ({ file: process.execPath, args: ["-e", script] });

/** Whether a process lives; one that ended but was not collected by its parent does not. */
async function ended(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
    if (status.includes(") Z")) return true;
    await sleep(20);
  }
  return false;
}

test("the environment is minimal: the folders of system programs, a plain language, what the command adds, nothing of ours", async () => {
  process.env["CAMERA_SHEPHERD_CANARY"] = "canary";
  const processes = createProcesses("/opt/bin::/usr/bin");
  const finished = await processes.run({ ...node("console.log(JSON.stringify(process.env))"), env: { TOKEN_FILE: "/run/x" } }, never);
  delete process.env["CAMERA_SHEPHERD_CANARY"];
  expect(JSON.parse(finished.stdout)).toEqual({
    PATH: "/opt/bin:/usr/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/bin",
    LANG: "C",
    TOKEN_FILE: "/run/x",
  });
});

test("arguments reach the program as they are: there is no shell", async () => {
  const args = ["-e", "console.log(JSON.stringify(process.argv.slice(1)))", "--", "$(id)", "a b", "`x`;|&", '"'];
  const finished = await createProcesses().run({ file: process.execPath, args }, never);
  expect(JSON.parse(finished.stdout)).toEqual(args.slice(3));
});

test("input is written to the program, and one that does not read it does no harm", async () => {
  const processes = createProcesses();
  const echoed = await processes.run({ ...node("process.stdin.pipe(process.stdout)"), input: "canary-input\n" }, never);
  expect(echoed.stdout).toBe("canary-input\n");
  const deaf = await processes.run({ ...node("process.exit(4)"), input: "x".repeat(1_000_000) }, never);
  expect(deaf.exitCode).toBe(4);
});

test("a signal that ended the program leaves no exit code", async () => {
  const finished = await createProcesses().run(node("process.kill(process.pid, 'SIGKILL')"), never);
  expect(finished.exitCode).toBeUndefined();
});

test("a file that may not be executed is told apart from one that is missing", async () => {
  const file = join(temporaryFolder(), "plain-text");
  await writeFile(file, "text", { mode: 0o644 });
  const failure = await failureOf(createProcesses().run({ file, args: ["canary-argument"] }, never));
  expect(failure).toBeInstanceOf(ProgramNotStarted);
  expect(failure).toMatchObject({ code: "EACCES", message: `program ${file} could not be started (EACCES)` });
});

test("text is split at whole characters and Windows line ends, and a last line without an end counts", async () => {
  const lines: string[] = [];
  const script =
    'const b = Buffer.from("Garagentür\\r\\nlast"); let i = 0; const next = () => { if (i < b.length) process.stdout.write(b.subarray(i, ++i), next); }; next()';
  await createProcesses().follow(node(script), (line) => lines.push(line), never);
  expect(lines).toEqual(["Garagentür", "last"]);
});

test("an abort ends a program that ignores SIGTERM, and its children with it", async () => {
  const child = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
  const script = `
    const { spawn } = require("node:child_process");
    process.on("SIGTERM", () => {});
    const child = spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" });
    setTimeout(() => console.log(process.pid + " " + child.pid), 300);
    setInterval(() => {}, 1000);`;
  const stop = new AbortController();
  const pids: number[] = [];
  const failure = await failureOf(
    createProcesses().follow(
      node(script),
      (line) => {
        pids.push(...line.split(" ").map(Number));
        stop.abort(new Error("enough"));
      },
      stop.signal,
    ),
  );
  expect(failure).toMatchObject({ message: "enough" });
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(await ended(pid)).toBe(true);
});

test("a stray grandchild in a session of its own does not hold up an abort", async () => {
  const script = `
    const { spawn } = require("node:child_process");
    const stray = spawn(process.execPath, ["-e", "setTimeout(() => {}, 20000)"], { stdio: "inherit", detached: true });
    console.log(stray.pid);`;
  const stop = new AbortController();
  let stray = 0;
  const failure = await failureOf(
    createProcesses().follow(
      node(script),
      (line) => {
        stray = Number(line);
        stop.abort(new Error("enough"));
      },
      stop.signal,
    ),
  );
  expect(failure).toMatchObject({ message: "enough" });
  expect(stray).toBeGreaterThan(0);
  process.kill(stray);
});
