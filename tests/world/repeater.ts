import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { Host, Lan } from "./lan.ts";
import { run } from "./programs.ts";

/** A Wi-Fi repeater: everything behind it answers ARP with the repeater's own MAC address (proxy ARP), and its packets pass through it. */
export interface Repeater extends AsyncDisposable {
  readonly mac: MacAddress;
  /** The LAN as a host behind the repeater joins it. */
  readonly behind: Lan;
}

/** Starts a repeater at an address of the LAN. */
export async function startRepeater(lan: Lan, name: string, mac: MacAddress, address: IpAddress): Promise<Repeater> {
  const own = await lan.attach(name, mac);
  await own.addAddress(address);
  // The kernel's own proxy waits up to 0.8 s with its answers; a repeater does not.
  const settings = ["ip_forward=1", "conf.all.proxy_arp=1", "neigh.eth0.proxy_delay=0"];
  const lines = settings.map((one) =>
    one.replace(/^(.*)=(.*)$/, (_all, key: string, value: string) => `echo ${value} >/proc/sys/net/ipv4/${key.replaceAll(".", "/")}`),
  );
  await run("sh", ["-ec", lines.join("\n")], { namespace: name });
  const attach = async (inner: string, innerMac: MacAddress): Promise<Host> => {
    const wire = `w-${inner}`;
    await run("ip", ["netns", "add", inner]);
    await run("ip", ["-n", name, "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", inner]);
    await run("ip", ["-n", inner, "-batch", "-"], { input: `link set eth0 address ${innerMac}\nlink set lo up\nlink set eth0 up` });
    await run("ip", ["-n", name, "link", "set", wire, "up"]);
    const vanish = async (): Promise<void> => {
      await run("ip", ["netns", "delete", inner]).catch(() => undefined);
    };
    return {
      namespace: inner,
      mac: innerMac,
      addAddress: async (one) => {
        await run("ip", ["-n", inner, "-batch", "-"], { input: `address add ${one}/24 dev eth0\nroute replace 239.0.0.0/8 dev eth0` });
        await run("ip", ["-n", name, "route", "replace", `${one}/32`, "dev", wire]);
      },
      flush: async () => {
        await run("ip", ["-n", inner, "address", "flush", "dev", "eth0"]);
        await run("ip", ["-n", name, "route", "flush", "dev", wire]);
      },
      plugged: async (yes) => {
        await run("ip", ["-n", name, "link", "set", wire, yes ? "up" : "down"]);
      },
      remove: vanish,
      [Symbol.asyncDispose]: vanish,
    };
  };
  return { mac, behind: { ...lan, attach }, [Symbol.asyncDispose]: () => own.remove() };
}
