import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type LeaseFile, LeaseFiles } from "../../../src/adapters/leases/lease-files.ts";
import { seconds } from "../../../src/domain/duration.ts";
import type { Sighting } from "../../../src/domain/sighting.ts";
import { LayerUnavailable, type SightingSource } from "../../../src/ports/sightings.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const MAC = "0c:79:55:4b:d4:2a";

interface Watching {
  readonly told: Sighting[];
  readonly ready: number[];
  readonly ended: Promise<unknown>;
  /** Lets five seconds pass and the files be looked at. */
  look(times?: number): Promise<void>;
}

async function scene(): Promise<{ readonly folder: string; readonly clock: FakeClock }> {
  const folder = temporaryFolder();
  return { folder, clock: new FakeClock() };
}

function watch(source: SightingSource, clock: FakeClock): Watching {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const told: Sighting[] = [];
  const ready: number[] = [];
  let over = false;
  const ended = source
    .watch(
      (sighting) => void told.push(sighting),
      () => void ready.push(told.length),
      stop.signal,
    )
    .catch((error: unknown) => error)
    .finally(() => (over = true));
  const rests = async (): Promise<void> => {
    while (!over && !clock.pending().some(({ name }) => name === "lease files")) await new Promise((go) => setTimeout(go, 1));
  };
  return {
    told,
    ready,
    ended,
    look: async (times = 1) => {
      await rests();
      for (let count = 0; count < times; count += 1) {
        await clock.advance(seconds(5));
        await rests();
      }
    },
  };
}

/** A lease that ends so many seconds after the clock's beginning. */
const lease = (mac: string, address: string, after: number, name = "*"): string =>
  `${Date.UTC(2026, 0, 1) / 1000 + after} ${mac} ${address} ${name} *\n`;
const dnsmasq = (path: string): LeaseFile => ({ path, format: "dnsmasq" });
const places = (told: readonly Sighting[]): readonly string[] => told.map(({ mac, address }) => `${mac?.slice(-2) ?? "?"} ${address}`);

describe("lease files", () => {
  it("tell every machine's latest lease once it is ready, then only news: another address, or a renewal", async () => {
    const { folder, clock } = await scene();
    const path = join(folder, "dnsmasq.leases");
    await writeFile(
      path,
      lease(MAC, "192.168.1.50", 100) + lease(MAC, "192.168.1.60", 4000, "front") + lease("0c:79:55:4b:d4:2b", "192.168.1.51", -1),
    );
    const heard = watch(new LeaseFiles(clock, [dnsmasq(path)]), clock);
    await heard.look();
    expect(heard.ready).toEqual([1]);
    expect(heard.told).toEqual([{ layer: "leases", mac: MAC, address: "192.168.1.60", at: clock.now() - 5000, hostName: "front" }]);

    await heard.look(20);
    const young = heard.told.length;
    expect(young).toBeLessThanOrEqual(5);
    expect(new Set(places(heard.told))).toEqual(new Set(["2a 192.168.1.60"]));

    await writeFile(path, lease(MAC, "192.168.1.77", 4100));
    await heard.look();
    expect(places(heard.told.slice(young))).toEqual(["2a 192.168.1.77"]);
    await heard.look(20);
    const before = heard.told.length;
    await writeFile(path, lease(MAC, "192.168.1.77", 9000));
    await heard.look();
    expect(places(heard.told.slice(before))).toEqual(["2a 192.168.1.77"]);
  });

  it("Kea's leases are not forgotten when it tidies its file: those beside it count until a later line", async () => {
    const { folder, clock } = await scene();
    const path = join(folder, "kea-leases4.csv");
    const later = Date.UTC(2026, 0, 2) / 1000;
    const kea = (...leases: readonly (readonly [last: string, address: string, lifetime: number])[]): string =>
      [
        "address,hwaddr,valid_lifetime,expire,state",
        ...leases.map(([last, address, life]) => `${address},0c:79:55:4b:d4:${last},${String(life)},${String(later)},0`),
        "",
      ].join("\n");
    const told = async (): Promise<readonly string[]> => {
      const [stop, heard]: [AbortController, Sighting[]] = [new AbortController(), []];
      await new LeaseFiles(clock, [{ path, format: "auto" }]).watch(
        (sighting) => void heard.push(sighting),
        () => stop.abort(),
        stop.signal,
      );
      return places(heard).toSorted();
    };
    await writeFile(path, kea(["2c", "192.168.1.54", 3600], ["2b", "192.168.1.51", 0]));
    expect(await told()).toEqual(["2c 192.168.1.54"]);
    await writeFile(`${path}.2`, `${kea(["2a", "192.168.1.50", 3600], ["2b", "192.168.1.51", 3600])}0c:79:55:4b:d4:2d,192.168.1.5`);
    await writeFile(`${path}.1`, kea(["2a", "192.168.1.50", 0], ["2a", "192.168.1.60", 3600]));
    expect(await told()).toEqual(["2a 192.168.1.60", "2c 192.168.1.54"]);
    await writeFile(`${path}.completed`, kea(["2a", "192.168.1.61", 3600]));
    expect(await told()).toEqual(["2a 192.168.1.61", "2c 192.168.1.54"]);
  });

  it("a lease that ends while it is watched is not told any more, nor taken for the latest", async () => {
    const { folder, clock } = await scene();
    const path = join(folder, "l");
    await writeFile(path, lease(MAC, "192.168.1.50", 0) + lease(MAC, "192.168.1.51", 7));
    const heard = watch(new LeaseFiles(clock, [dnsmasq(path)]), clock);
    await heard.look(12);
    expect(places(heard.told)).toEqual(["2a 192.168.1.51"]);
  });

  it("a file that is replaced, emptied, or gone for a moment while its server tidies is followed", async () => {
    const { folder, clock } = await scene();
    const path = join(folder, "l");
    await writeFile(path, lease(MAC, "192.168.1.50", 4000));
    const heard = watch(new LeaseFiles(clock, [dnsmasq(path)]), clock);
    await heard.look();
    await rename(path, `${path}~`);
    await heard.look();
    await writeFile(`${path}.new`, lease(MAC, "192.168.1.61", 4000));
    await rename(`${path}.new`, path);
    await heard.look();
    await writeFile(path, "");
    await heard.look();
    await writeFile(path, lease(MAC, "192.168.1.62", 4000));
    await heard.look();
    expect([...new Set(places(heard.told))]).toEqual(["2a 192.168.1.50", "2a 192.168.1.61", "2a 192.168.1.62"]);
  });

  it("of several files the latest lease counts, and one that cannot be read is named with the remedy while the others go on", async () => {
    const { folder, clock } = await scene();
    const [good, missing] = [join(folder, "good"), join(folder, "missing")];
    await writeFile(good, lease(MAC, "192.168.1.50", 4000));
    const source = new LeaseFiles(clock, [dnsmasq(missing), dnsmasq(good)]);
    const strict = watch(source, clock);
    const error = await strict.ended;
    expect(error).toBeInstanceOf(LayerUnavailable);
    expect(String(error)).toContain(`${missing} is not there: correct network.lease_files`);
    expect([strict.told, strict.ready]).toEqual([[], []]);

    const standIn = watch(source.standIn, clock);
    await standIn.look();
    expect(places(standIn.told)).toEqual(["2a 192.168.1.50"]);
    await writeFile(missing, lease(MAC, "192.168.1.50", 4000) + lease(MAC, "192.168.1.52", 5000));
    await standIn.look();
    expect(places(standIn.told)).toEqual(["2a 192.168.1.50", "2a 192.168.1.52"]);
  });

  it("a folder, and a file too large to be one, are refused by what they are", async () => {
    const { folder, clock } = await scene();
    const large = join(folder, "large");
    await writeFile(large, Buffer.alloc(8 * 1024 * 1024 + 1, "\n"));
    const why = async (path: string): Promise<string> => String(await watch(new LeaseFiles(clock, [dnsmasq(path)]), clock).ended);
    expect(await why(folder)).toContain("is a folder: name the file itself");
    expect(await why(large)).toContain("is larger than 8 MiB");
  });
});
