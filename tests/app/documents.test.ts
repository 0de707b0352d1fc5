import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createProcesses } from "../../src/adapters/system/processes.ts";
import { type Documents, documentsOf } from "../../src/app/documents.ts";
import { frigates, never, VALID } from "../adapters/frigate/frigates.ts";
import { options } from "../config/loading.ts";
import { optionFiles } from "../config/option-files.ts";
import { FakePins } from "../fakes/fake-pins.ts";
import { listening } from "../listening.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const start = frigates();

/** What an options document leads to; files are those that the machine has, by path. */
async function from(document: string, texts: Record<string, string> = {}, nearest?: string): Promise<Documents> {
  const pins = new FakePins();
  const settings = {
    options: await options(document),
    files: optionFiles({}, texts),
    pins,
    clock: createSystemClock(),
    processes: createProcesses(),
    installation: "here",
    dryRun: true,
    ...(nearest === undefined ? {} : { nearest }),
  };
  return documentsOf(settings, never());
}

async function documentFile(): Promise<string> {
  const folder = temporaryFolder();
  const path = join(folder, "config.yml");
  await writeFile(path, VALID);
  return path;
}

describe("the documents of a home", () => {
  test("two texts in one file of a repository, and ConfigMaps and what runs on them of one name in two clusters, each have a place of their own", async () => {
    const git = "git: {url: 'https://git.example.org/home.git', path: values.yaml";
    const map = "via: kubernetes, kubernetes: {namespace: nvr, configmap: frigate, workload: deployment/frigate, kubeconfig: ";
    const { targets, frigates: running } = await from(`frigate:
  - {name: house, ${git}, key: house.yml}}
  - {name: barn, ${git}, key: barn.yml}}
  - {name: north, ${map}/etc/north}}
  - {name: south, ${map}/etc/south}}
`);
    expect(targets.map(({ place }) => place)).toEqual([
      "house.yml in values.yaml on main of https://git.example.org/home.git",
      "barn.yml in values.yaml on main of https://git.example.org/home.git",
      "config.yml of the ConfigMap nvr/frigate (/etc/north)",
      "config.yml of the ConfigMap nvr/frigate (/etc/south)",
    ]);
    expect(running.map(({ place }) => place)).toEqual([
      "deployment/frigate in the namespace nvr (/etc/north)",
      "deployment/frigate in the namespace nvr (/etc/south)",
    ]);
  });

  test("of several Frigates, one by its file and its address, one by its address alone, one with a login", async () => {
    const [near, far, third] = [
      await start({ version: "0.17.2", text: VALID }),
      await start({ version: "0.14.1", text: `${VALID}# far\n` }),
      await start({ version: "0.18.0", text: `${VALID}# third\n` }),
    ];
    const path = await documentFile();
    const {
      targets,
      examined: running,
      ways,
      unconfirmed,
    } = await from(
      `frigate:
  - {name: near, file: ${path}, url: "${near.url}"}
  - {name: far, via: api, url: "${far.url}", approve: true}
  - {name: third, url: "${third.secureUrl}", username: admin, password: canary-frigate-admin}
  - {name: off, via: none, url: "${far.url}"}
`,
      { [path]: VALID },
    );
    expect(targets.map(({ name, place }) => [name, place])).toEqual([
      ["near", path],
      ["far", far.url],
      ["third", third.secureUrl],
    ]);
    const texts = await Promise.all(targets.map((target) => target.read(never())));
    expect(texts.map(({ text }) => text)).toEqual([VALID, `${VALID}# far\n`, `${VALID}# third\n`]);
    const facts = await Promise.all(running.map((frigate) => frigate.examine(never())));
    expect(running.map(({ name }, index) => [name, facts[index]?.version.slice(0, 6)])).toEqual([
      ["near", "0.17.2"],
      ["far", "0.14.1"],
      ["third", "0.18.0"],
    ]);
    expect([...ways.values()]).toEqual([
      `by the file ${path}: it is named under frigate.file`,
      `by Frigate's API at ${far.url}: via: api`,
      `by Frigate's API at ${third.secureUrl}: Frigate's document was not found on this machine, and frigate.url is given`,
    ]);
    expect([...unconfirmed]).toEqual(["far"]);
    // A document in a file is not asked of Frigate.
    expect(near.calls.filter(({ url }) => url.includes("config/raw"))).toEqual([]);
  });

  test("by an address where nobody is yet: it is the document's trouble, not the program's end", async () => {
    const { targets } = await from('frigate: {url: "http://127.0.0.1:9"}\n');
    expect(targets.map(({ place }) => place)).toEqual(["http://127.0.0.1:9"]);
    await expect(targets[0]?.read(never())).rejects.toMatchObject({ name: "TargetError", reason: "FrigateUnreachable" });
  });

  test("a service on Frigate's own port that asks for a login is told none: nobody named it", async () => {
    const [sent, asked]: [string[], string[]] = [[], []];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      request.setEncoding("utf8").on("data", (piece: string) => sent.push(piece));
      request.on("end", () => response.writeHead(401).end());
    });
    const url = `http://127.0.0.1:${await listening(server)}`;
    const { ways } = await from("frigate: {username: admin, password: canary-frigate-admin}\n", {}, url);
    expect([asked, sent, [...ways]]).toEqual([["/api/version"], [], []]);
  });

  test("a certificate that is named must be a fingerprint", async () => {
    await expect(from('frigate: {url: "https://127.0.0.1:9", certificate: "abc"}\n')).rejects.toThrow("must be 64 hexadecimal digits");
  });
});
