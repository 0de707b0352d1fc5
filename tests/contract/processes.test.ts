import { createProcesses } from "../../src/adapters/system/processes.ts";
import { FakeProcesses } from "../fakes/fake-processes.ts";
import { processesContract } from "./processes.ts";

processesContract("the fake", () => {
  const processes = new FakeProcesses();
  processes.script("talks", { lines: ["one", "two"], stderr: "trouble", exitCode: 3 });
  processes.script("hangs", { lines: ["ready"], hangs: true });
  processes.script("babbles", { lines: ["x".repeat(100_000), "end"] });
  processes.script("floods", { lines: ["x".repeat(2 * 1024 * 1024)] });
  const command = (file: string) => ({ file, args: [] });
  return { processes, talks: command("talks"), hangs: command("hangs"), babbles: command("babbles"), floods: command("floods") };
});

processesContract("execa", () => {
  const node = (script: string) => ({ file: process.execPath, args: ["-e", script] });
  return {
    processes: createProcesses(),
    talks: node('console.log("one\\ntwo"); console.error("trouble"); process.exitCode = 3'),
    hangs: node('console.log("ready"); setInterval(() => {}, 1000)'),
    babbles: node('console.log("x".repeat(100000)); console.log("end")'),
    floods: node('process.stdout.write("x".repeat(2 * 1024 * 1024))'),
  };
});
