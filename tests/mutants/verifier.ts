import type { Mutant } from "./harness.ts";

const verification = "tests/domain/verification.test.ts";
const binding = "tests/domain/binding.test.ts";
const policy = "tests/domain/policy.test.ts";
const enrolment = "tests/domain/enrolment.test.ts";
const health = "tests/domain/stream-health.test.ts";
const driver = "tests/reconcilers/verifier.test.ts";
const histories = "tests/domain/lan-history.property.test.ts";

/** Mistakes in proving a camera, in binding it to an address and in the guards around that. */
export const mutants: readonly Mutant[] = [
  {
    name: "a MAC that is not enrolled is taken for an enrolled one",
    file: "src/domain/mac-proof.ts",
    find: 'if (!macs.includes(mac)) return { kind: "other", mac };',
    replace: "",
    tests: [histories],
  },
  {
    name: "a gateway's MAC proves a camera",
    file: "src/domain/mac-proof.ts",
    find: 'if (reading.gateway) return { kind: "void", mac, why: "gateway" };',
    replace: "",
    tests: [verification, enrolment],
  },
  {
    name: "a MAC on three addresses that answer is no proxy's",
    file: "src/domain/mac-proof.ts",
    find: "others.addresses.length + 1 >= PROXY_ADDRESSES",
    replace: "others.addresses.length >= PROXY_ADDRESSES",
    tests: [verification],
  },
  {
    name: "a MAC that two cameras share is an identity",
    file: "src/domain/mac-proof.ts",
    find: 'return { kind: "weak", mac, why: "shared" };',
    replace: 'return { kind: "sound", mac };',
    tests: [histories],
  },
  {
    name: "a MAC that the device made up is an identity",
    file: "src/domain/mac-proof.ts",
    find: "if (isLocallyAdministered(mac))",
    replace: "if (!isLocallyAdministered(mac))",
    tests: [verification],
  },
  {
    name: "an endpoint reference that differs does not block",
    file: "src/domain/identity-proof.ts",
    find: "!sameEndpoint(identity.endpoint, endpoint)",
    replace: "false",
    tests: [histories],
  },
  {
    name: "a realm that differs does not block",
    file: "src/domain/identity-proof.ts",
    find: "realm !== undefined && realm !== identity.realm",
    replace: "false",
    tests: [histories],
  },
  {
    name: "a realm stands in for a silent endpoint without a sound MAC",
    file: "src/domain/identity-proof.ts",
    find: 'need !== "no-contradiction" || !byRealm',
    replace: "!byRealm",
    tests: [verification],
  },
  {
    name: "a realm that the maker ships on every camera names one device",
    file: "src/domain/identity-proof.ts",
    find: "realm !== undefined && namesOneDevice(realm) &&",
    replace: "realm !== undefined &&",
    tests: [verification],
  },
  {
    name: "the login goes first, the identity is looked at afterwards",
    file: "src/domain/verification.ts",
    find: "  return judgeIdentity(of, connected);",
    replace:
      '  return of.subject.login === "allowed" && readings.login === undefined ? judgeLogin(of, connected) : judgeIdentity(of, connected);',
    tests: [histories],
  },
  {
    name: "a closed port does not hold the login back",
    file: "src/domain/verification.ts",
    find: 'if (reading !== "open") {',
    replace: 'if (reading === "timeout") {',
    tests: [verification],
  },
  {
    name: "a MAC that was seen long ago is good enough for a login",
    file: "src/domain/verification.ts",
    find: "of.now - of.macAt <= FRESH",
    replace: "of.now - of.macAt <= FRESH * 100",
    tests: [verification],
  },
  {
    name: "Basic is spoken to whoever offers nothing else",
    file: "src/domain/verification.ts",
    find: "if (basicOnly && !subject.allowBasic)",
    replace: "if (basicOnly && subject.allowBasic)",
    tests: [verification],
  },
  {
    name: "a refused password verifies the camera",
    file: "src/domain/verification.ts",
    find: 'return rejected(said("failed", "the camera refused the password (401)"), "LoginRefused");',
    replace: 'return accepted(of, said("passed", "the camera refused the password (401)"));',
    tests: [verification],
  },
  {
    name: "the endpoint is not waited for before the login",
    file: "src/domain/verification.ts",
    find: "ahead.find((proof) => readings[proof] === undefined)",
    replace: 'ahead.find((proof) => proof === "greeting" && readings[proof] === undefined)',
    tests: [driver],
  },
  {
    name: "frames of a twin keep a camera at the twin's address",
    file: "src/domain/binding.ts",
    find: "if (holder === undefined || !input.macs.includes(holder)) return false;",
    replace: "if (holder === undefined) return false;",
    tests: [histories],
  },
  {
    name: "a switch while frames of the camera flow",
    file: "src/domain/binding.ts",
    find: "const kept = flowing === undefined ?",
    replace: "const kept = flowing === undefined || verified.length > 0 ?",
    tests: [histories],
  },
  {
    name: "a switch to an address that was refused",
    file: "src/domain/binding.ts",
    find: 'input.judged.filter((one) => one.verdict === "verified")',
    replace: 'input.judged.filter((one) => one.verdict === "verified" || one.reason === "PortClosed")',
    tests: [histories],
  },
  {
    name: "of two live addresses the other one is taken",
    file: "src/domain/binding.ts",
    find: "verified.find((one) => one.address === current)?.address",
    replace: "verified.find((one) => one.address !== current)?.address",
    tests: [binding],
  },
  {
    name: "no quarantine for a stranger at the camera's address",
    file: "src/domain/binding.ts",
    find: "one.foreign && used.has(one.address)",
    replace: "one.foreign && !used.has(one.address)",
    tests: [binding],
  },
  {
    name: "plain moves count as flip-flops",
    file: "src/domain/policy.ts",
    find: "if (to !== holding && left !== undefined && between(left, at) < FLAP_WINDOW)",
    replace: "if (to !== holding)",
    tests: [policy],
  },
  {
    name: "a refused password is tried again after a while",
    file: "src/domain/policy.ts",
    find: 'if (last?.outcome === "refused") return { ok: false, after: NEVER, permission: "backed-off" };',
    replace: "",
    tests: [policy],
  },
  {
    name: "a login while packets grow",
    file: "src/domain/policy.ts",
    find: 'if (framesFlow) return { ok: false, after: NEVER, permission: "frames-flow" };',
    replace: "",
    tests: [policy],
  },
  {
    name: "a stranger's MAC is learned beside the camera's",
    file: "src/domain/enrolment.ts",
    find: 'if (proof.kind === "other") {',
    replace: 'if (proof.kind === "other" && seen.endpoint === undefined) {',
    tests: [enrolment],
  },
  {
    name: "frozen counters of a dead producer count as life",
    file: "src/domain/stream-health.ts",
    find: "const alive = grown > 0 &&",
    replace: "const alive = packets.size > 0 &&",
    tests: [health],
  },
  {
    name: "callers with the same candidate do not share",
    file: "src/runtime/lanes.ts",
    find: "lane.flights.get(key) ?? this.#start(",
    replace: "this.#start(",
    tests: [driver],
  },
  {
    name: "another candidate does not wait its turn",
    file: "src/runtime/lanes.ts",
    find: "const outcome = lane.last.then(",
    replace: "const outcome = Promise.resolve().then(",
    tests: [driver],
  },
  {
    name: "the password goes to the old host",
    file: "src/reconcilers/verifier.ts",
    find: "loginUrlAt(device.loginUrl, device.addresses, candidate)",
    replace: "loginUrlAt(device.loginUrl, device.addresses, device.addresses[0] ?? candidate)",
    tests: [driver],
  },
  {
    name: "stale entries of a MAC count as answers",
    file: "src/reconcilers/verifier.ts",
    find: 'return reading?.found === "mac" && reading.mac === mac;',
    replace: "return reading !== undefined;",
    tests: [driver],
  },
];
