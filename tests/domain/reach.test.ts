import { describe, expect, it } from "vitest";
import { type IpAddress, type MacAddress, parseNetwork } from "../../src/domain/addresses.ts";
import { reachOf } from "../../src/domain/reach.ts";

const MADE_UP = "02:42:ac:12:00:02" as MacAddress;
const own = (...networks: readonly (readonly [name: string, network: string])[]) =>
  networks.map(([name, text]) => ({ name, mac: MADE_UP, network: parseNetwork(text) ?? expect.unreachable(text) }));
const CAMERAS = ["192.168.1.20", "192.168.1.21"] as IpAddress[];

describe("whether this machine is on its cameras' networks", () => {
  it.each([
    ["on the LAN", own(["eth0", "192.168.1.0/24"]), { kind: "all" }],
    ["on the LAN, with containers' bridges beside it", own(["eth0", "192.168.1.0/24"], ["docker0", "172.17.0.0/16"]), { kind: "all" }],
    ["in Docker Desktop", own(["eth0", "192.168.65.0/24"]), { kind: "none", why: "docker-desktop" }],
    [
      "in Docker Desktop, with its host's network",
      own(["eth0", "192.168.65.0/24"], ["docker0", "172.17.0.0/16"]),
      { kind: "none", why: "docker-desktop" },
    ],
    ["in a container on a bridge", own(["eth0", "172.17.0.0/16"]), { kind: "none", why: "container" }],
    ["in a container on two bridges", own(["eth0", "172.20.0.0/16"], ["eth1", "192.168.144.0/20"]), { kind: "none", why: "container" }],
    ["behind a router", own(["eth0", "192.168.2.0/24"]), { kind: "none", why: "routed" }],
    [
      "behind a router, with docker0 beside it",
      own(["enp3s0", "10.0.0.0/24"], ["docker0", "172.17.0.0/16"]),
      { kind: "none", why: "routed" },
    ],
    ["in a pod, with nothing to see", [], { kind: "none", why: "routed" }],
  ])("%s", (_name, networks, reach) => {
    expect(reachOf(CAMERAS, networks)).toEqual(reach);
  });

  it("names the cameras that are behind a router", () => {
    const cameras = [...CAMERAS, "10.0.9.7"] as IpAddress[];
    expect(reachOf(cameras, own(["eth0", "192.168.1.0/24"]))).toEqual({ kind: "some", beyond: ["10.0.9.7"] });
  });

  it("says nothing without cameras", () => {
    expect(reachOf([], own(["eth0", "192.168.1.0/24"]))).toBeUndefined();
    expect(reachOf([], [])).toBeUndefined();
  });

  it("says without cameras, too, that it is shut in: Frigate's document may be out of reach for the same reason", () => {
    expect(reachOf([], own(["eth0", "172.18.0.0/16"]))).toEqual({ kind: "none", why: "container" });
    expect(reachOf([], own(["eth0", "192.168.65.0/24"]))).toEqual({ kind: "none", why: "docker-desktop" });
    expect(reachOf([], own(["enp1s0", "172.18.0.0/16"]))).toBeUndefined();
  });

  it("takes a Raspberry Pi in a FRITZ!Box's network for no container", () => {
    const pi = own(["eth0", "192.168.178.0/24"]).map((one) => ({ ...one, mac: "dc:a6:32:01:02:03" as MacAddress }));
    expect(reachOf(CAMERAS, pi)).toEqual({ kind: "none", why: "routed" });
    expect(reachOf([], pi)).toBeUndefined();
  });
});
