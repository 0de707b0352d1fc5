import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMANDS, parseArguments } from "../../src/commands/arguments.ts";
import { helpText } from "../../src/commands/help.ts";

const parse = (line: string) => parseArguments(line.split(" ").filter((word) => word !== ""));

describe("commands", () => {
  it.each([
    ["run", { kind: "run", json: false }],
    ["run --config a.yaml --json", { kind: "run", config: "a.yaml", json: true }],
    ["--config=a=b.yaml run", { kind: "run", config: "a=b.yaml", json: false }],
    ["-c a.yaml check --log-level debug", { kind: "check", config: "a.yaml", json: false, logLevel: "debug" }],
    ["sync", { kind: "sync", dryRun: false, json: false }],
    ["sync --once --dry-run", { kind: "sync", dryRun: true, json: false }],
    ["plan", { kind: "plan", assume: [], reveal: false, json: false }],
    [
      "plan --assume front=192.168.1.77 --reveal --assume=192.168.1.50=192.168.1.78",
      {
        kind: "plan",
        assume: [
          { camera: "front", address: "192.168.1.77" },
          { camera: "192.168.1.50", address: "192.168.1.78" },
        ],
        reveal: true,
        json: false,
      },
    ],
    ["export reservations --format kea", { kind: "export", format: "kea", force: false, json: false }],
    ["export reservations --json --out f --force", { kind: "export", out: "f", force: true, json: true }],
    ["import list.csv", { kind: "import", file: "list.csv", dryRun: false, force: false, json: false }],
    [
      "import --format netalertx --dry-run -- -f",
      { kind: "import", file: "-f", format: "netalertx", dryRun: true, force: false, json: false },
    ],
    ["approve", { kind: "approve", json: false }],
    ["approve 3f9a1c07 --json", { kind: "approve", id: "3f9a1c07", json: true }],
    ["undo", { kind: "undo", list: false, print: false, reveal: false, json: false }],
    ["undo frigate --to 12 --print", { kind: "undo", target: "frigate", to: 12, list: false, print: true, reveal: false, json: false }],
    ["undo --list", { kind: "undo", list: true, print: false, reveal: false, json: false }],
    ["resync", { kind: "resync", json: false }],
    ["resync front", { kind: "resync", camera: "front", json: false }],
    ["reconnect front", { kind: "reconnect", camera: "front", json: false }],
    ["reconnect front --force", { kind: "reconnect", camera: "front", force: true, json: false }],
    ["--help", { kind: "help" }],
    ["help", { kind: "help" }],
    ["help plan", { kind: "help", command: "plan" }],
    ["sync -h", { kind: "help", command: "sync" }],
    ["--version", { kind: "version" }],
    ["run -V", { kind: "version" }],
  ])("%s", (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  it("take a camera's name with a space and an equals sign", () => {
    expect(parseArguments(["plan", "--assume", "Front door = 2=10.0.0.9"])).toMatchObject({
      assume: [{ camera: "Front door = 2", address: "10.0.0.9" }],
    });
  });
});

describe("refusals", () => {
  it.each([
    ["", `no command given: one of ${COMMANDS.join(", ")} (camera-shepherd --help)`],
    ["snyc", 'unknown command "snyc"; did you mean sync?'],
    ["everything", `unknown command "everything"; one of ${COMMANDS.join(", ")}`],
    ["demo", `demo comes with a later release; this one has ${COMMANDS.join(", ")}`],
    ["portal --help", `portal comes with a later release; this one has ${COMMANDS.join(", ")}`],
    ["run --conifg x", "unknown flag --conifg; did you mean --config?"],
    ["run --xyzzyx", "unknown flag --xyzzyx (camera-shepherd --help)"],
    ["run --config", "--config needs FILE behind it"],
    ["run --config --json", "--config needs FILE behind it"],
    ["run --config=", "--config needs FILE behind it"],
    ["run --config a --config b", "--config is given twice"],
    ["run --json=yes", "--json takes no value"],
    ["run --dry-run", "--dry-run belongs to sync and import, not to run"],
    ["check --reveal", "--reveal belongs to plan and undo, not to check"],
    ["run now", 'run takes no "now" (camera-shepherd run --help)'],
    ["import", "import needs FILE (camera-shepherd import --help)"],
    ["import a b", 'import takes no "b" (camera-shepherd import --help)'],
    ["import a --format kea", '--format is one of csv, netalertx, watchyourlan, not "kea"'],
    ["export", "export needs reservations (camera-shepherd export --help)"],
    ["export leases --json", 'export hands out reservations, not "leases" (camera-shepherd export --help)'],
    ["export reservations", "export needs --format: one of dnsmasq, pihole, kea, opnsense, openwrt, mikrotik, unifi, csv; or --json"],
    ["export reservations --format bind", expect.stringContaining('not "bind"')],
    ["run --force", "--force belongs to export and import and reconnect, not to run"],
    ["run -- --json", 'run takes no "--json" (camera-shepherd run --help)'],
    ["run --log-level loud", '--log-level is one of error, warn, info, debug, not "loud"'],
    ["reconnect", "reconnect needs CAMERA (camera-shepherd reconnect --help)"],
    ["undo --to x", '--to is the number of a kept text (camera-shepherd undo --list), not "x"'],
    ["undo --list --print", "--list goes neither with --print nor with --to"],
    ["undo --reveal", "--reveal goes with --print"],
    ["plan --assume front", '--assume needs CAMERA=ADDRESS, such as front=192.168.1.77, not "front"'],
    ["plan --assume =10.0.0.1", '--assume needs CAMERA=ADDRESS, such as front=192.168.1.77, not "=10.0.0.1"'],
    ["plan --assume front=10.0.0.256", '--assume front=10.0.0.256: "10.0.0.256" is not an IPv4 address'],
  ])("%s", (line, message) => {
    expect(parse(line)).toEqual({ kind: "refused", message });
  });

  it("never throw, whatever the words are, and never run what they do not know", () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...COMMANDS,
        "help",
        "--",
        "-",
        "--config",
        "--json",
        "--assume",
        "--assume=a=10.0.0.1",
        "--help",
        "--once",
        "--log-level",
        "info",
        "__proto__",
        "--constructor",
      ),
      fc.string({ maxLength: 12 }),
    );
    const property = fc.property(fc.array(word, { maxLength: 7 }), (argv) => {
      const invocation = parseArguments(argv);
      expect(invocation.kind === "refused" ? invocation.message : "understood").not.toMatch(/^$|undefined|\[object/);
      expect(["refused", "version", "help", ...argv]).toContain(invocation.kind);
    });
    expect(() => fc.assert(property, { numRuns: 2000 })).not.toThrow();
  });
});

describe("help", () => {
  it.each([undefined, ...COMMANDS])("of %s", async (command) => {
    const text = helpText(command);
    expect(text.split("\n").length).toBeLessThanOrEqual(40);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    await expect(text).toMatchFileSnapshot(`../golden/output/help${command === undefined ? "" : `-${command}`}.txt`);
  });

  it.each(COMMANDS)("shows an example of %s that is understood", (command) => {
    const examples = [...helpText(command).matchAll(/^ {2}camera-shepherd (.*?)(?: \|.*)?$/gm)].map(([, line = ""]) => parse(line).kind);
    expect(examples.length).toBeGreaterThan(0);
    expect(new Set(examples)).toEqual(new Set([command]));
  });
});
