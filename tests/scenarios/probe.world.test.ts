import { writeFile, mkdir } from "node:fs/promises";
import { join, dirname } from "node:path";
import { test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome } from "../world/home.ts";
import { runGo2rtc } from "../world/go2rtc.ts";
import { pause } from "../world/waiting.ts";
import { finished, launched, spoken } from "./launch-kit.ts";

test("probe", async () => {
  const t0 = performance.now();
  await using home = await startHome({ cameras: [{ name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front" }] });
  console.log("home", performance.now() - t0);
  const folder = home.lan.folder;
  let n = 0;
  const options = async (o: object): Promise<string> => {
    n += 1;
    const f = join(folder, `o${n}.json`);
    await writeFile(f, JSON.stringify({ data_dir: join(folder, `data${n}`), frigate: { via: "file", file: home.document }, ...o }));
    return f;
  };
  const all = async (what: string, f: string, commands = ["sync", "check", "plan", "run"]): Promise<void> => {
    for (const c of commands) {
      const t = performance.now();
      if (c === "run") {
        const p = launched(["run", "--config", f]);
        await pause(3000);
        await p.stop();
        console.log(`##### ${what} run rc=${await p.exited}\n${spoken(p)}`);
      } else {
        const e = await finished([c, "--config", f]);
        console.log(`##### ${what} ${c} rc=${e.code} ${Math.round(performance.now() - t)} ms\n${e.output}\n--stderr--\n${e.errors}`);
      }
    }
  };
  const text = await home.readDocument();
  const wrong = await options({});
  await all("fine", wrong, ["sync"]);
  await writeFile(home.document, text.replaceAll("canary-front", "canary-wrong"));
  await all("wrong camera password", wrong);
  const second = await options({});
  await all("wrong camera password from the beginning", second, ["sync", "sync", "check"]);
  await writeFile(home.document, text);
  await mkdir(join(folder, "locked"));
  const yaml = join(folder, "locked", "go2rtc.yaml");
  await writeFile(yaml, `api:\n  listen: ":1994"\n  username: admin\n  password: canary-api\n  local_auth: true\nrtsp:\n  listen: ":8664"\nwebrtc:\n  listen: ""\nstreams:\n  front: ${home.camera("front").url()}\n`);
  await using locked = await runGo2rtc({ file: yaml, apiPort: 1994, rtspPort: 8664 });
  await all("wrong go2rtc password", await options({ go2rtc: { url: locked.url, username: "admin", password: "canary-guess" } }));
  await all("go2rtc absent", await options({ go2rtc: { url: "http://127.0.0.1:1999" } }));
}, 120_000);
