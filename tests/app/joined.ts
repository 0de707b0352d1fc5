import { afterEach } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createProcesses } from "../../src/adapters/system/processes.ts";
import { documentsOf } from "../../src/app/documents.ts";
import { type HostedApp, joinSupervisor } from "../../src/app/supervisor.ts";
import { type Duration, milliseconds } from "../../src/domain/duration.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { options } from "../config/loading.ts";
import { optionFiles } from "../config/option-files.ts";
import { FakeConsents } from "../fakes/fake-consents.ts";
import { FakePins } from "../fakes/fake-pins.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { type FakeSupervisor, startFakeSupervisor } from "../fakes/fake-supervisor.ts";

const { signal } = new AbortController();
const fakes: FakeSupervisor[] = [];
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.stop();
});

/** The machine's own time, which passes two hundred times as fast; what waits for an answer has its time. */
export function hasty(): Clock {
  const clock = createSystemClock();
  return {
    ...clock,
    monotonic: () => milliseconds(clock.monotonic() * 200),
    wait: (name, span: Duration, end) => clock.wait(name, milliseconds(span / 200), end),
    deadline: (name, span: Duration, end) => clock.deadline(name, milliseconds(span / 10), end),
  };
}

export const app = (slug: string, state: "started" | "stopped", info: Record<string, unknown> = {}) => ({
  slug,
  name: slug,
  version: "1",
  state,
  info,
});
export const file = (slug: string, root = "app_configs"): string => `/${root}/${slug}/config.yml`;

export interface Joined {
  readonly fake: FakeSupervisor;
  readonly hosted: HostedApp;
  readonly status: FakeStatus;
  /** The documents that the options and the apps lead to. */
  readonly documents: Awaited<ReturnType<typeof documentsOf>>;
}

/** A memory that nothing is in. */
export const nothing = (): FakeConsents => new FakeConsents({ changes: () => [], undo: () => undefined });

export async function joined(
  document: string,
  state: Partial<FakeSupervisor["state"]>,
  texts: Record<string, string> = {},
  memory = nothing(),
  clock = hasty(),
): Promise<Joined> {
  const fake = await startFakeSupervisor({ state });
  fakes.push(fake);
  const status = new FakeStatus();
  const files = optionFiles({ SUPERVISOR: fake.authority, SUPERVISOR_TOKEN: fake.token }, texts);
  const given = await options(document);
  const hosted = await joinSupervisor({ options: given, files, clock, random: () => 0.5, status, memory }, signal);
  if (hosted === undefined) throw new Error("no Supervisor");
  const settings = {
    files,
    pins: new FakePins(),
    clock,
    processes: createProcesses(),
    installation: "here",
    dryRun: true,
    nearest: "http://127.0.0.1:9",
  };
  const found = { ...given, frigate: hosted.documents.frigate };
  return { fake, hosted, status, documents: await documentsOf({ ...settings, options: found, apps: hosted.documents }, signal) };
}
