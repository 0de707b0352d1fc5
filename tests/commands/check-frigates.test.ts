import { describe, expect, it } from "vitest";
import { FrigateApiTarget } from "../../src/adapters/frigate/api-target.ts";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { HttpFrigate } from "../../src/adapters/frigate/running-frigate.ts";
import { checkDocuments } from "../../src/commands/check-home.ts";
import { checkFrigates } from "../../src/commands/check-frigates.ts";
import { type CheckItem, gatherChecks } from "../../src/commands/check.ts";
import type { ExaminedFrigate } from "../../src/ports/frigate-facts.ts";
import { type ConfigTarget, TargetError, type TargetName } from "../../src/ports/config-target.ts";
import { clientAt, frigates, loginAs, never, VALID } from "../adapters/frigate/frigates.ts";
import { SECOND_CERTIFICATE } from "../fakes/fake-frigate/certificates.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakePins } from "../fakes/fake-pins.ts";

const start = frigates();
const NAME = "frigate" as TargetName;

async function check(frigate: ExaminedFrigate): Promise<CheckItem | undefined> {
  const items = await gatherChecks([checkFrigates([frigate], new Map())], new FakeClock(), never());
  expect(JSON.stringify(items)).not.toContain("canary");
  return items[0];
}

describe("check of a Frigate that is spoken to over HTTP", () => {
  it("says its version, the role of our user and that its schema is known, and how each document is reached", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const ways = new Map([["frigate", "by Frigate's API at http://127.0.0.1:5000: via: api"]]);
    const examined = new HttpFrigate(NAME, clientAt(frigate.url));
    expect(await gatherChecks([checkFrigates([examined], ways)], new FakeClock(), never())).toEqual([
      { part: "document frigate", state: "info", found: "reached by Frigate's API at http://127.0.0.1:5000: via: api" },
      { part: "Frigate frigate", state: "ok", found: `${frigate.url}: version 0.17.2-fa4e000, role admin, gives its schema` },
    ]);
  });

  it("says of 0.14 that everybody may write there", async () => {
    const frigate = await start({ version: "0.14.1", text: VALID });
    const item = await check(new HttpFrigate(NAME, clientAt(frigate.url)));
    expect(item).toMatchObject({ state: "ok", found: expect.stringContaining("every user may write") as string });
  });

  it("asks for a person where it is in safe mode", async () => {
    const frigate = await start({ version: "0.18.0", text: `${VALID}nonsense: 1\n` });
    const item = await check(new HttpFrigate(NAME, clientAt(frigate.url)));
    expect(item).toMatchObject({ state: "act", found: expect.stringContaining("in safe mode") as string });
    expect(item?.nextStep).toContain("Correct the configuration");
  });

  it("asks for a person where our user may not write", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const item = await check(new HttpFrigate(NAME, clientAt(frigate.secureUrl, { credentials: loginAs("viewer") })));
    expect(item).toMatchObject({ state: "act", found: expect.stringContaining("role viewer, which may not write") as string });
  });

  it("says it once: the document's own line only points there", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const client = clientAt(frigate.secureUrl, { credentials: loginAs("viewer") });
    const target = new FrigateApiTarget({ name: NAME, client, format: frigateDocument({ environment: new Map() }) });
    const items = await gatherChecks(
      [checkFrigates([new HttpFrigate(NAME, client)], new Map()), checkDocuments([target])],
      new FakeClock(),
      never(),
    );
    expect(items.map(({ part, state }) => [part, state])).toEqual([
      ["Frigate frigate", "act"],
      ["document frigate", "absent"],
    ]);
    expect(items[1]?.found).toBe(`${frigate.secureUrl}: cannot be used now: see Frigate frigate`);
  });

  it("names the remedy of each thing that can be wrong with address and login", async () => {
    const frigate = await start({ version: "0.17.2", text: VALID });
    const pins = new FakePins();
    const at = (url: string, options: Parameters<typeof clientAt>[1] = {}) => check(new HttpFrigate(NAME, clientAt(url, options)));
    const credentials = loginAs("admin");
    expect(await at(frigate.secureUrl)).toMatchObject({
      state: "act",
      nextStep: expect.stringContaining("username and password") as string,
    });
    expect(await at(frigate.secureUrl, { credentials: loginAs("admin", "no") })).toMatchObject({
      state: "act",
      found: expect.stringContaining("refuses the login of admin") as string,
    });
    expect(await at(frigate.secureUrl.replace("https", "http"))).toMatchObject({
      state: "act",
      found: expect.stringContaining("write https://") as string,
    });
    expect(await at(frigate.secureUrl, { credentials, pins })).toMatchObject({ state: "ok" });
    await frigate.renewCertificate(SECOND_CERTIFICATE);
    expect(await at(frigate.secureUrl, { credentials, pins })).toMatchObject({
      state: "act",
      nextStep: expect.stringContaining("certificate under frigate") as string,
    });
    await frigate.stop();
    expect(await at(frigate.url)).toMatchObject({ state: "absent", found: expect.stringContaining("ECONNREFUSED") as string });
  });
});

describe("check of a document that cannot be had", () => {
  it("asks for a person only where it does not pass by itself", async () => {
    const without = (reason: "GitUnreachable" | "GitRefusesLogin"): ConfigTarget => ({
      name: NAME,
      place: "config.yml on main of the repository",
      format: frigateDocument({ environment: new Map() }),
      read: () => Promise.reject(new TargetError(reason, "no text")),
      checkWritable: () => Promise.resolve(),
      write: () => expect.unreachable("nothing is written"),
    });
    const documents = checkDocuments([without("GitUnreachable"), without("GitRefusesLogin")]);
    const found = await gatherChecks([documents], new FakeClock(), never());
    expect(found.map(({ state, nextStep }) => [state, nextStep])).toEqual([
      ["absent", "Check the network, or correct git.url."],
      ["act", "Correct git.token or git.ssh_key."],
    ]);
  });
});
