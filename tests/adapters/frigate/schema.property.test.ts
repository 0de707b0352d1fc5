import fc from "fast-check";
import { expect, test } from "vitest";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import { schemaCheck } from "../../../src/adapters/frigate/schema-check.ts";
import { type IpAddress, parseIp } from "../../../src/domain/addresses.ts";
import { DocumentWriter, ENVIRONMENT } from "../../domain/frigate-documents.ts";
import { validator } from "../../fakes/fake-frigate/validate.ts";
import { FRIGATE_VERSIONS, traitsOf } from "../../fakes/fake-frigate/versions.ts";

const NEW = ["192.168.1.13", "10.20.30.40", "8.8.8.8"].map((text) => parseIp(text) ?? expect.unreachable());
const format = frigateDocument({ environment: ENVIRONMENT });

/** Cameras with their inputs, go2rtc streams, `onvif` and `webui_url`, as every version takes them. */
const Valid = fc
  .array(
    fc.record({
      host: fc.integer({ min: 2, max: 250 }),
      direct: fc.boolean(),
      onvif: fc.boolean(),
      webui: fc.boolean(),
      list: fc.boolean(),
      comment: fc.boolean(),
      quote: fc.constantFrom("", '"', "'"),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((cameras) => {
    const source = (host: number): string => `rtsp://viewer:canary@192.168.7.${host}:554/main`;
    const quoted = (text: string, quote: string): string => `${quote}${text}${quote}`;
    const streams = cameras.map(({ host, list, quote }, index) =>
      list
        ? `    cam_${index}:\n      - ${quoted(source(host), quote)}\n      - ffmpeg:cam_${index}#audio=opus\n`
        : `    cam_${index}: ${quoted(source(host), quote)}\n`,
    );
    const own = cameras.map(({ host, direct, onvif, webui, comment, quote }, index) =>
      [
        `  cam_${index}:${comment ? `  # at 192.168.7.${host}` : ""}`,
        "    ffmpeg:",
        "      inputs:",
        `        - path: ${quoted(direct ? source(host) : `rtsp://127.0.0.1:8554/cam_${index}`, quote)}`,
        "          roles: [detect, record]",
        ...(onvif ? ["    onvif:", `      host: 192.168.7.${host}`, "      port: 8000"] : []),
        ...(webui ? [`    webui_url: http://192.168.7.${host}/`] : []),
        "",
      ].join("\n"),
    );
    return `mqtt:\n  enabled: false\ngo2rtc:\n  streams:\n${streams.join("")}cameras:\n${own.join("")}`;
  });

const Moves = fc.array(fc.constantFrom(...NEW, undefined), { minLength: 4, maxLength: 4 });

test.each(FRIGATE_VERSIONS)("a document that Frigate %s takes is taken by it when it is healed", async (version) => {
  const { schema } = traitsOf(version);
  const validate = validator(schema);
  const addedFault = await schemaCheck(schema);
  fc.assert(
    fc.property(Valid, Moves, (text, moves) => {
      expect(validate(text)).toBeUndefined();
      const addresses = [...new Set(format.read(text).occurrences.map(({ address }) => address))];
      const to = new Map<IpAddress, IpAddress | undefined>(addresses.map((address, index) => [address, moves[index]]));
      const healed = format.rewrite(text, ({ address }) => to.get(address)).text;
      expect(validate(healed)).toBeUndefined();
      expect(addedFault(text, healed)).toBeUndefined();
    }),
    { numRuns: 25 },
  );
});

test("a document of any shape has no more errors after it is healed than before, by the schema of every version", async () => {
  const schemas = FRIGATE_VERSIONS.map((version) => traitsOf(version).schema);
  const checks = await Promise.all(schemas.map(async (schema) => ({ addedFault: await schemaCheck(schema), validate: validator(schema) })));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 400, maxLength: 400, size: "max" }), fc.constantFrom(...NEW), (tape, address) => {
      let at = 0;
      const choose = (below: number): number => ((tape[at++ % tape.length] ?? 0) * 256 + (tape[at++ % tape.length] ?? 0)) % below;
      // Without the line, which is looked up by a key that an address can contain.
      const lines = (words: string | undefined): readonly string[] =>
        (words ?? "").split("\n").flatMap((line) => /^Line \d+: (.*)$/.exec(line)?.[1] ?? []);
      const { text } = new DocumentWriter(choose).write();
      const healed = format.rewrite(text, () => address).text;
      for (const { addedFault, validate } of checks) {
        const before = new Set(lines(validate(text)));
        expect(lines(validate(healed)).filter((line) => !before.has(line))).toEqual([]);
        expect(addedFault(text, healed)).toBeUndefined();
      }
    }),
    { numRuns: 20 },
  );
});

test("an error that a change adds is found by place, and those that were there are not", async () => {
  const addedFault = await schemaCheck(traitsOf("0.17.2").schema);
  const before = "mqtt: {enabled: false}\nnonsense: 1\ncameras: {}\n";
  expect(addedFault(before, before.replace("cameras: {}", "cameras: {front: {ffmpeg: {inputs: 3}}}"))).toMatch(
    /^cameras\.front\.ffmpeg\.inputs must be array/,
  );
  expect(addedFault(before, before.replace("nonsense: 1", "nonsense: 2"))).toBeUndefined();
  expect(addedFault("cameras: [\n", "cameras: [\n")).toBeUndefined();
});
