import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import pino from "pino";
import { expect, it } from "vitest";
import { Secret } from "../../src/config/secret.ts";

const secret = new Secret("canary-password");

function written(): { readonly stream: Writable; readonly text: () => string } {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => parts.join("") };
}

it("gives its value to the one who asks", () => {
  expect(secret.reveal()).toBe("canary-password");
  expect(new Secret({ user: "viewer" }).reveal().user).toBe("viewer");
});

it("reads *** in templates, concatenations, JSON and inspections", () => {
  // oxlint-disable-next-line typescript/restrict-template-expressions -- that such a mistake shows nothing is what is tested
  expect(`${secret}`).toBe("***");
  expect(String(secret)).toBe("***");
  expect(["a", secret].join(" ")).toBe("a ***");
  expect(JSON.stringify({ password: secret })).toBe('{"password":"***"}');
  for (const how of [{}, { showHidden: true, depth: 9 }, { getters: true }])
    expect(inspect({ password: secret }, how)).toBe("{ password: *** }");
  expect(inspect(secret, { customInspect: false, showHidden: true })).not.toContain("canary");
});

it("reads *** on a console and in a log", () => {
  const { stream, text } = written();
  const output = new Console(stream);
  output.log(secret, "%s", { secret });
  output.log("%s %o %j", secret, secret, { secret });
  output.table([{ secret }]);
  output.dir({ secret }, { showHidden: true });
  const log = pino(stream);
  log.info({ password: secret, nested: { list: [secret] } }, "static message");
  log.info(new Error("static", { cause: secret }));
  expect(text()).toContain('"password":"***"');
  expect(text()).not.toContain("canary");
});

it("loses its value where it is cloned, spread or listed", () => {
  expect(JSON.stringify(structuredClone({ secret }))).not.toContain("canary");
  expect(inspect(structuredClone(secret), { showHidden: true })).not.toContain("canary");
  expect(Object.entries(secret)).toEqual([]);
  expect(Reflect.ownKeys(secret)).toEqual([]);
});
