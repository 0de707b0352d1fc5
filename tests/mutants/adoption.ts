import type { Mutant } from "./harness.ts";

const matching = "tests/domain/adoption.test.ts";
const property = "tests/domain/adoption.property.test.ts";
const home = "tests/reconcilers/adoptions.test.ts";

/** Mistakes in matching cameras of which nothing is known with devices that are nobody's, and in taking a person's word. */
export const mutants: readonly Mutant[] = [
  {
    name: "of several devices that fit the first is proposed",
    file: "src/domain/adoption.ts",
    find: "mine.length > 1 || rivals.length > 0",
    replace: "rivals.length > 0",
    tests: [property],
  },
  {
    name: "a device that fits two cameras is proposed to both",
    file: "src/domain/adoption.ts",
    find: "mine.length > 1 || rivals.length > 0",
    replace: "mine.length > 1",
    tests: [property],
  },
  {
    name: "a device that surely is one camera is offered to another",
    file: "src/domain/adoption.ts",
    find: "taken.add(device.mac)",
    replace: "taken.size",
    tests: [matching],
  },
  {
    name: "a device that two programs call alike is one camera's, though it is called as two",
    file: "src/domain/adoption.ts",
    find: "own === undefined || cameras.some((other) => other !== camera && isCalled(own.device, other))",
    replace: "own === undefined",
    tests: [matching],
  },
  {
    name: "of two devices of one name the first is proposed",
    file: "src/domain/adoption.ts",
    find: "named.length === 1 ? named[0] : undefined",
    replace: "named[0]",
    tests: [matching],
  },
  {
    name: "a name proves a device that does not fit",
    file: "src/domain/adoption.ts",
    find: "fit.fits && isCalled(device, camera)",
    replace: "isCalled(device, camera)",
    tests: [matching],
  },
  {
    name: "a MAC that is a known camera's is offered",
    file: "src/domain/adoption.ts",
    find: "macs.includes(device.mac) ||",
    replace: "",
    tests: [matching],
  },
  {
    name: "an endpoint reference that is a known camera's is offered",
    file: "src/domain/adoption.ts",
    find: "sameEndpoint(endpoint, device.endpoint)",
    replace: "false",
    tests: [matching],
  },
  {
    name: "a gateway is offered",
    file: "src/domain/adoption.ts",
    find: "device.gateway || addresses.has(device.address)",
    replace: "addresses.has(device.address)",
    tests: [property],
  },
  {
    name: "a proxy that answers for three addresses is offered",
    file: "src/domain/adoption.ts",
    find: "addresses.size >= PROXY_ADDRESSES ||",
    replace: "",
    tests: [property],
  },
  {
    name: "another maker's device fits",
    file: "src/domain/adoption.ts",
    find: "wanted !== undefined && maker !== undefined && wanted !== maker",
    replace: "false",
    tests: [matching],
  },
  {
    name: "another port's answer counts",
    file: "src/domain/adoption.ts",
    find: "one.port === camera.streamPort && one.path",
    replace: "one.path",
    tests: [matching],
  },
  {
    name: "devices are matched before the cameras that answer were learned",
    file: "src/reconcilers/adoptions.ts",
    find: "if (awaited) return {};",
    replace: "",
    tests: [home],
  },
  {
    name: "a MAC of another camera is taken at a person's word",
    file: "src/reconcilers/adoptions.ts",
    find: 'if (other !== undefined) return { kind: "taken", by: other };',
    replace: "",
    tests: [home],
  },
  {
    name: "a word that was wrong stands beside the right one",
    file: "src/reconcilers/adoptions.ts",
    find: "record.verifiedAt === undefined ? { macs: [] } : record.identity",
    replace: "record.identity",
    tests: [home],
  },
  {
    name: "a sweep for adoption is not counted against the budget",
    file: "src/reconcilers/searches.ts",
    find: "this.#sweeps.set(on.name, noteSweep(this.#sweeps.get(on.name) ?? NO_SWEEPS, this.#now(), false));",
    replace: "",
    tests: [home],
  },
  {
    name: "a camera of another make that got the address is learned",
    file: "src/reconcilers/enrolling.ts",
    find: "isFirst && !framesFlow ? contradictsPath",
    replace: "!isFirst && !framesFlow ? contradictsPath",
    tests: [home],
  },
];
