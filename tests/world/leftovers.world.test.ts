import { access } from "node:fs/promises";
import { expect, test } from "vitest";
import { startHome } from "./home.ts";
import { run } from "./programs.ts";
import { frigateLikeWatcher, mseViewer } from "./watchers.ts";

test("a home that was stopped leaves no namespace, interface, program or file", async () => {
  const home = await startHome();
  const frigate = frigateLikeWatcher(home.go2rtc.streamUrl("garage"));
  const browser = mseViewer(home.go2rtc, "porch");
  await browser.reads.decodesAgain(0, 30_000);
  await frigate.reads.decodesAgain(0, 30_000);
  expect(await home.readDocument()).toContain("host: 192.168.50.20 #");
  await browser.stop();
  await frigate.stop();
  await home.stop();

  expect(await run("ip", ["netns", "list"])).toBe("");
  const links = JSON.parse(await run("ip", ["-j", "link", "show"])) as readonly { readonly ifname: string }[];
  expect(links.map((link) => link.ifname)).toEqual(["lo"]);
  await expect(access(home.lan.folder)).rejects.toThrow("ENOENT");
  // `ps` sees this process namespace alone; a zombie (Z) is nothing that runs.
  expect(await run("ps", ["-eo", "stat=,comm="])).not.toMatch(/^[^Z].*(dnsmasq|udhcpc|go2rtc|tcpdump|ffmpeg|python3|onvif-camera)/m);
});
