import { describe, expect, it } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { instant } from "../../src/domain/duration.ts";
import { type Reservable, reservationsOf } from "../../src/domain/reservations.ts";

const REAL = "0c:79:55:4b:d4:2a";
const OTHER = "0c:79:55:4b:d4:2b";
const MADE_UP = "02:00:00:00:00:05";

function camera(id: string, macs: readonly string[], address?: string, verified = 0): Reservable {
  const where = address === undefined ? {} : { address: address as IpAddress, verifiedAt: instant(verified) };
  return { id: id as DeviceId, macs: macs as readonly MacAddress[], ...where };
}

describe("reservations", () => {
  it("stand in the order of their addresses, the maker's MAC address first", () => {
    const { reservations, notes } = reservationsOf([
      camera("garden", [OTHER], "192.168.1.100"),
      camera("front", [MADE_UP, REAL, REAL], "192.168.1.20"),
    ]);
    expect(reservations).toEqual([
      { device: "front", name: "front", macs: [REAL, MADE_UP], address: "192.168.1.20" },
      { device: "garden", name: "garden", macs: [OTHER], address: "192.168.1.100" },
    ]);
    expect(notes.map(({ kind }) => kind)).toEqual(["several"]);
  });

  it("leave out a MAC address that two cameras have, and say of each whose it is too", () => {
    const { reservations, notes } = reservationsOf([
      camera("front", [REAL], "192.168.1.20"),
      camera("garden", [OTHER, REAL], "192.168.1.21"),
      camera("gate", ["0c:79:55:4b:d4:2c"], "192.168.1.22"),
    ]);
    expect(reservations.map(({ device }) => device)).toEqual(["gate"]);
    expect(notes.map(({ device, kind }) => `${device} ${kind}`)).toEqual(["front shared-mac", "garden shared-mac"]);
    expect(notes[0]?.message).toContain(`${REAL} in common with garden`);
  });

  it("give an address that two cameras were proved at to the later one", () => {
    const { reservations, notes } = reservationsOf([
      camera("front", [REAL], "192.168.1.20", 1),
      camera("garden", [OTHER], "192.168.1.20", 2),
    ]);
    expect(reservations.map(({ device }) => device)).toEqual(["garden"]);
    expect(notes.map(({ device, kind }) => `${device} ${kind}`)).toEqual(["front shared-address"]);
  });

  it("say what is missing, and which MAC address is made up", () => {
    const { reservations, notes } = reservationsOf([
      camera("a", [REAL]),
      camera("b", [], "192.168.1.21"),
      camera("c", [MADE_UP], "192.168.1.22"),
    ]);
    expect(reservations.map(({ device }) => device)).toEqual(["c"]);
    expect(notes.map(({ device, kind }) => `${device} ${kind}`)).toEqual(["a no-address", "b no-mac", "c made-up"]);
  });

  it.each([
    ["Front_Door", "front-door"],
    ["Tür Süd!", "tur-sud"],
    ["../etc/passwd,ignore", "etc-passwd-ignore"],
    ["12h", "camera-12h"],
    ["90", "camera-90"],
    ["infinite", "camera-infinite"],
    ["摄像机", "camera-"],
    ["x".repeat(80), "x".repeat(56)],
    ["-a\nb'\"-", "a-b"],
  ])("name %j as %j", (id, name) => {
    const { reservations } = reservationsOf([camera(id, [REAL], "192.168.1.20")]);
    expect(reservations[0]?.name).toBe(name.replace(/-$/, ""));
  });

  it("name every camera differently", () => {
    const ids = ["front door", "front_door", "Front-Door", "90", "camera-90"];
    const cameras = ids.map((id, index) => camera(id, [`0c:79:55:4b:d4:${10 + index}`], `192.168.1.${10 + index}`));
    const names = reservationsOf(cameras).reservations.map(({ name }) => name);
    expect(names).toEqual(["front-door", "front-door-2", "front-door-3", "camera-90", "camera-90-2"]);
  });
});
