import { numberToIp, parseNetwork, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import type { Host, Lan } from "./lan.ts";
import { run } from "./programs.ts";

/** The cameras' own network, behind the household's router: no ARP, broadcast or multicast of the home box comes there. */
const FAR = "10.9.0.0/24";
/** The pod's network, which the home box routes. */
const POD = "10.42.0";

/** Address n of the network behind the router. */
export function far(n: number): IpAddress {
  return numberToIp((parseNetwork(FAR)?.base ?? 0) + n);
}

/**
 * Puts a second network behind the router of a LAN. What is attached by the result stands there, needs a static address and has the router as its gateway;
 * all else is the LAN's.
 */
export async function routedSide(lan: Lan): Promise<Lan & AsyncDisposable> {
  const router = lan.router.host.namespace;
  await run("ip", ["-n", "switch", "link", "add", "br1", "type", "bridge", "mcast_snooping", "0", "stp_state", "0", "forward_delay", "0"]);
  await run("ip", ["-n", "switch", "link", "set", "br1", "up"]);
  await run("ip", ["link", "add", "eth1", "netns", router, "type", "veth", "peer", "name", "p-far", "netns", "switch"]);
  await run("ip", ["-n", "switch", "-batch", "-"], { input: "link set p-far master br1\nlink set p-far up" });
  await run("ip", ["-n", router, "-batch", "-"], { input: `address add ${far(1)}/24 dev eth1\nlink set eth1 up` });
  await run("sysctl", ["-qw", "net.ipv4.ip_forward=1"], { namespace: router });
  const hosts: Host[] = [];
  const attach = async (name: string, mac: MacAddress): Promise<Host> => {
    const host = await farHost(name, mac);
    hosts.push(host);
    return host;
  };
  return {
    ...lan,
    attach,
    [Symbol.asyncDispose]: async () => {
      for (const host of hosts.splice(0)) await host.remove();
    },
  };
}

async function farHost(name: string, mac: MacAddress): Promise<Host> {
  const port = `p-${name}`;
  await run("ip", ["netns", "add", name]);
  await run("ip", ["link", "add", "eth0", "address", mac, "netns", name, "type", "veth", "peer", "name", port, "netns", "switch"]);
  await run("ip", ["-n", "switch", "-batch", "-"], { input: `link set ${port} master br1\nlink set ${port} up` });
  await run("ip", ["-n", name, "-batch", "-"], { input: "link set lo up\nlink set eth0 up" });
  const remove = async (): Promise<void> => {
    await run("ip", ["netns", "delete", name]).catch(() => undefined);
    await run("ip", ["-n", "switch", "link", "delete", port]).catch(() => undefined);
  };
  return {
    namespace: name,
    mac,
    addAddress: async (address) => {
      const lines = [`address add ${address}/24 dev eth0`, `route replace default via ${far(1)}`, "route replace 239.0.0.0/8 dev eth0"];
      await run("ip", ["-n", name, "-batch", "-"], { input: lines.join("\n") });
    },
    flush: async () => {
      await run("ip", ["-n", name, "-batch", "-"], { input: "address flush dev eth0\nneighbour flush dev eth0" });
    },
    plugged: async (yes) => {
      await run("ip", ["-n", "switch", "link", "set", port, yes ? "up" : "down"]);
    },
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

/** Where the home box is seen from the pod. */
export const HOME_OF_POD = `${POD}.1`;

/** A namespace as a pod has it: one wire to its node, which routes, and no broadcast of any other network. */
export async function startPod(lan: Lan): Promise<{ readonly namespace: string } & AsyncDisposable> {
  await run("ip", ["netns", "add", "pod"]);
  await run("ip", ["link", "add", "pod0", "type", "veth", "peer", "name", "eth0", "netns", "pod"]);
  await run("ip", ["-batch", "-"], { input: `address add ${HOME_OF_POD}/24 dev pod0\nlink set pod0 up` });
  const lines = ["link set lo up", `address add ${POD}.2/24 dev eth0`, "link set eth0 up", `route add default via ${HOME_OF_POD}`];
  await run("ip", ["-n", "pod", "-batch", "-"], { input: lines.join("\n") });
  await run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  await run("ip", ["-n", lan.router.host.namespace, "route", "add", `${POD}.0/24`, "via", lan.home.address]);
  return {
    namespace: "pod",
    [Symbol.asyncDispose]: async () => {
      await run("ip", ["netns", "delete", "pod"]).catch(() => undefined);
      await run("ip", ["link", "delete", "pod0"]).catch(() => undefined);
    },
  };
}
