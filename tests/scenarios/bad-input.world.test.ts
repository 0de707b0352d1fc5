import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { runGo2rtc, type Go2rtc } from "../world/go2rtc.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { type Bad, Desk, expectDecent, endingsOf } from "./bad-input-kit.ts";
import { finished, without } from "./launch-kit.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front" };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, password: "canary-garden" };

const USAGE = { sync: 64, check: 64, plan: 64, run: 64 } as const;
const PERSON = { sync: 2, check: 2, plan: 2, run: "stays" } as const;
const NO_PLANNING_MATTER = { ...PERSON, plan: 0 } as const;
const LATER = { sync: 1, check: 1, plan: 0, run: "stays" } as const;

let home: Home;
let locked: Go2rtc;

beforeAll(async () => {
  home = await startHome({ cameras: [front, garden] });
  const file = join(home.lan.folder, "locked", "go2rtc.yaml");
  await mkdir(join(file, ".."));
  const api = 'api:\n  listen: ":1994"\n  username: admin\n  password: canary-api\n  local_auth: true\n';
  const text = `${api}rtsp:\n  listen: ":8664"\nwebrtc:\n  listen: ""\nstreams:\n  front: ${home.camera("front").url()}\n`;
  locked = await runGo2rtc({ file: await new Desk(home.lan.folder).file("locked/go2rtc.yaml", text), apiPort: 1994, rtspPort: 8664 });
});

afterAll(async () => {
  await locked.stop();
  await home.stop();
});

/** Frigate's document of one camera. */
function documentOf(name: string, url: string): string {
  const input = `{path: "rtsp://127.0.0.1:8554/${name}", roles: [detect]}`;
  return `mqtt: {enabled: false}\ngo2rtc:\n  streams:\n    ${name}: ${url}\ncameras:\n  ${name}:\n    ffmpeg:\n      inputs:\n        - ${input}\n`;
}

const good = (): string => documentOf("front", home.camera("front").url());

async function withDocument(desk: Desk, text: string, bad: Omit<Bad, "options" | "document">, more: object = {}): Promise<Bad> {
  const document = await desk.file("etc/frigate.yml", text);
  return { ...bad, document, options: { frigate: { via: "file", file: document }, ...more } };
}

/** Each case by what is wrong. */
const CASES: Readonly<Record<string, (desk: Desk) => Promise<Bad>>> = {
  "an unknown option": (desk) =>
    withDocument(
      desk,
      good(),
      { says: /options\.yaml:\d+: go2rtc\[0\]\.pasword: unknown key/, remedy: /did you mean password\?/, ends: USAGE },
      { go2rtc: [{ url: home.go2rtc.url, pasword: "canary-typo" }] },
    ),
  "a malformed MAC address": (desk) =>
    withDocument(
      desk,
      good(),
      { says: /options\.yaml:\d+: cameras\[0\]\.mac\[0\]: "0c:79:55:4b:d4"/, remedy: /MAC address/, ends: USAGE },
      { cameras: [{ id: "front", mac: ["0c:79:55:4b:d4"], password: "canary-front" }] },
    ),
  "two cameras of one id": (desk) =>
    withDocument(
      desk,
      good(),
      { says: /options\.yaml:\d+: cameras\[1\]\.id: /, remedy: /front/, ends: USAGE },
      {
        cameras: [
          { id: "front", password: "canary-one" },
          { id: "front", password: "canary-two" },
        ],
      },
    ),
  "several errors at once": (desk) =>
    withDocument(
      desk,
      good(),
      {
        says: /The options have 3 errors: \S+:\d+: cameras\[0\]\.mac\[0\]: .* \S+:\d+: http\.port: .* \S+:\d+: healt: unknown key/,
        remedy: /did you mean health\?/,
        ends: USAGE,
      },
      { healt: {}, cameras: [{ id: "front", mac: ["nonsense"] }], http: { port: 99_999 } },
    ),
  "options that are no YAML": async () => ({
    options: "frigate:\n  password: canary-broken\n  url: [http://a\ngo2rtc: {\n",
    says: /options\.yaml:\d+: cannot be read as YAML or JSON: /,
    remedy: /options\.yaml:\d+/,
    ends: USAGE,
  }),
  "no document at the path": async (desk) => {
    const document = desk.path("etc/frigate.yml");
    const says = /frigate\.yml is not there/;
    return { options: { frigate: { file: document } }, document, says, remedy: /correct the path/, ends: PERSON };
  },
  "a folder in the place of the document": async (desk) => {
    const document = desk.path("etc/frigate.yml");
    await mkdir(document, { recursive: true });
    return {
      options: { frigate: { file: document } },
      document,
      says: /frigate\.yml is not a file/,
      remedy: /name the document itself/,
      ends: PERSON,
    };
  },
  "a document that may not be read": async (desk) => {
    const bad = await withDocument(desk, good(), {
      says: /no permission for \S+frigate\.yml/,
      remedy: /give this program's user read and write permission/,
      ends: PERSON,
    });
    await chmod(desk.path("etc/frigate.yml"), 0o000);
    return { ...bad, launch: { prefix: without("dac_override", "dac_read_search") } };
  },
  "a tab in the document": (desk) =>
    withDocument(desk, "cameras:\n  front:\n\tpassword: canary-tab\n", { says: /frigate\.yml:3(?::\d+)?: /, remedy: /tab/i, ends: PERSON }),
  "an unclosed bracket in the document": (desk) =>
    withDocument(desk, `${good()}detectors: {cpu: [canary-one, canary-two\n`, {
      says: /frigate\.yml:\d+(?::\d+)?: /,
      remedy: /named line/,
      ends: PERSON,
    }),
  "a camera twice in the document": (desk) =>
    withDocument(desk, `${good()}  front:\n    onvif: {password: canary-again}\n`, {
      says: /frigate\.yml:\d+(?::\d+)?: /,
      remedy: /named line/,
      ends: PERSON,
    }),
  "a template in the place of the document": (desk) =>
    withDocument(desk, 'cameras:\n{% for camera in cameras %}\n  {{ camera }}: {ffmpeg: {password: "canary-{{ it }}"}}\n{% endfor %}\n', {
      says: /frigate\.yml:2(?::1)?: the document holds /,
      remedy: /configuration that the template produces/,
      ends: PERSON,
    }),
  "two Frigates side by side": async (desk) => {
    const document = await desk.file("here/config/config.yml", good());
    await desk.file("here/frigate/config.yml", good());
    return {
      options: {},
      document,
      launch: { cwd: desk.path("here") },
      says: /there are several: \.\/config\/config\.yml, \.\/frigate\/config\.yml/,
      remedy: /Name Frigate's configuration under frigate\.file/,
      ends: PERSON,
    };
  },
  "no Frigate anywhere": async (desk) => {
    await mkdir(desk.path("very/much/alone"), { recursive: true });
    const says = /none was found; looked in /;
    return { options: {}, launch: { cwd: desk.path("very/much/alone") }, says, remedy: /under frigate\.file/, ends: PERSON };
  },
  "no go2rtc": (desk) =>
    withDocument(
      desk,
      good(),
      { says: /go2rtc at http:\/\/127\.0\.0\.1:1999 does not answer/, remedy: /Start go2rtc, or correct url under go2rtc/, ends: LATER },
      { go2rtc: [{ url: "http://127.0.0.1:1999" }] },
    ),
  "a wrong password of go2rtc": (desk) =>
    withDocument(
      desk,
      good(),
      {
        says: /go2rtc at http:\/\/127\.0\.0\.1:1994 refuses the user name or password/,
        remedy: /Correct username and password under go2rtc/,
        ends: NO_PLANNING_MATTER,
      },
      { go2rtc: [{ url: locked.url, username: "admin", password: "canary-guess" }] },
    ),
  "a folder for data that may not be written": async (desk) => {
    await mkdir(desk.data, { mode: 0o500 });
    const says = /\S+data\S* cannot be (?:opened or )?written/;
    const ends = { sync: 2, check: 2, plan: 0, run: 2 } as const;
    const bad = await withDocument(desk, good(), {
      says,
      remedy: /give this user permission|Give the program's user write permission/,
      ends,
    });
    return { ...bad, launch: { prefix: without("dac_override", "dac_read_search") } };
  },
};

describe.concurrent("a bad start says once what is wrong and what to do, and writes nothing:", () => {
  test.for(Object.entries(CASES))("%s", async ([name, arrange]) => {
    const desk = new Desk(join(home.lan.folder, name.replaceAll(/\W+/g, "-")));
    await mkdir(desk.folder);
    const bad = await arrange(desk);
    expect(await endingsOf(desk, bad)).toEqual(bad.ends);
  });

  test("a wrong password of a camera that moved", async () => {
    const desk = new Desk(join(home.lan.folder, "wrong-password"));
    await mkdir(desk.folder);
    const camera = home.camera("garden");
    const text = documentOf("garden", camera.url());
    const options = { frigate: { file: await desk.file("etc/frigate.yml", text) } };
    const file = await desk.file("options.yaml", JSON.stringify({ data_dir: desk.data, ...options }));
    expect(await finished(["sync", "--config", file])).toMatchObject({ code: 0, errors: "" });
    const document = await desk.file("etc/frigate.yml", text.replace("canary-garden", "canary-wrong"));
    const asked = camera.offers().length;
    await camera.moveByDhcp(home.lan.at(70));
    const says = /The camera refuses the password|refused the password at 192\.168\.50\.70/;
    const ends = await endingsOf(desk, {
      options,
      document,
      says,
      remedy: /Correct the camera's user name or password in the configuration/,
      ends: NO_PLANNING_MATTER,
      heardFor: 6_000,
    });
    expect(ends).toEqual(NO_PLANNING_MATTER);
    // One login, by the sync; nobody asks again with a password that was refused: cameras lock accounts out.
    expect(camera.offers()).toHaveLength(asked + 1);
  });

  test.for([
    [["snyc"], /^unknown command "snyc"; did you mean sync\?$/],
    [["sync", "--onec"], /^unknown flag --onec; did you mean --once\?$/],
    [["check", "--config"], /^--config needs FILE behind it$/],
    [["plan", "--dry-run"], /^--dry-run belongs to sync and import, not to plan$/],
    [["run", "now"], /^run takes no "now" \(camera-shepherd run --help\)$/],
    [
      ["check", "--config", "/nowhere/options.yaml"],
      /^The options have an error:\n {2}\/nowhere\/options\.yaml: the file named by --config is not there; correct its path$/,
    ],
    [[], /^no command given: one of run, sync, plan, check/],
  ] as const)("the command line %j", async ([args, says]) => {
    const { code, output, errors } = await finished(args);
    expect({ code, output }).toEqual({ code: 64, output: "" });
    expect(errors.trim()).toMatch(says);
    expectDecent(errors);
  });
});
