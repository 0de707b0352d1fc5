import { assert } from "vitest";
import { isLocallyAdministered, type IpAddress, type MacAddress } from "../../../src/domain/addresses.ts";
import { instant } from "../../../src/domain/duration.ts";
import type { Bound, SimulatedHome, Told } from "./simulated-home.ts";
import { isRouted, type Asked, type Host, type SimulatedLan } from "./simulated-lan.ts";

/** How often what happened, for the test to print and to assert that nothing was left out. */
export class Tally {
  readonly #counts = new Map<string, number>();

  count(what: string): void {
    this.#counts.set(what, this.get(what) + 1);
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  lines(): readonly string[] {
    return [...this.#counts]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([what, count]) => `${String(count).padStart(8)}  ${what}`);
  }
}

/**
 * A proof is true when it is taken; a device may leave right after. So far back a proof may lie at the decision: one second for the MAC and the time of
 * an answer, more where the MAC says nothing (behind a router, behind a proxy, a clone) or the table is read as it is.
 */
const RACE = 1500;
const RACE_WITHOUT_MAC = 5500;

/**
 * What must hold whenever the program decides, by what is true on the LAN at that moment. Frames count while the table gives their address an
 * enrolled MAC: what a proxy hands on, or comes from a MAC that two devices have, may be anybody's.
 */
export function checkDecision({ bound, decision, judged, frames, macs, othersMacs }: Told, lan: SimulatedLan, tally: Tally): void {
  tally.count(`decision: ${decision.kind}`);
  const own = lan.hosts.find((host) => host.device === bound.index);
  if (own === undefined) throw new RangeError("no such device");
  const flowing = frames.filter((frame) => lan.reached(frame.address) === own);
  const holders = flowing.flatMap(({ holder }) => (holder !== undefined && macs.includes(holder) ? [holder] : []));
  const here = judged.find((one) => one.address === bound.streamAt);
  const shared = holders.some((mac) => othersMacs.includes(mac)) && here?.verdict !== "verified";
  const madeUp = holders.some((mac) => isLocallyAdministered(mac));
  const returned = madeUp && own.since >= lan.wallToMonotonic(here?.at ?? instant(0)) - RACE;
  const contested = madeUp && lan.holders(bound.streamAt).length > 1;
  const delivering = holders.length > 0 && !shared && !returned && !contested;
  if ((decision.kind === "switch" || decision.kind === "quarantine") && flowing.length > 0 && !delivering) {
    const why = shared
      ? "under a shared MAC"
      : contested
        ? "under a made-up MAC at a contested address"
        : returned
          ? "that came back meanwhile"
          : "through a proxy";
    tally.count(`frames ${why} did not count`);
  }
  if (decision.kind === "switch") {
    if (judged.find((one) => one.address === decision.to)?.verdict !== "verified") assert.fail(`switch to ${decision.to}, not verified`);
    if (delivering) assert.fail(`switch to ${decision.to} while frames of device ${bound.index} flow from ${bound.streamAt}`);
    if (!holds(own, decision.to)) {
      const patience = lan.lyingTable || isRouted(decision.to) ? RACE_WITHOUT_MAC : RACE;
      if (lan.now - own.since > patience) assert.fail(`switch to ${decision.to}, where device ${bound.index} is not`);
      tally.count("race: the camera left right after its proof");
    }
  }
  if ((decision.kind === "keep" || decision.kind === "conflict") && decision.reason === "FramesStillFlow") {
    const known = frames.some(({ holder }) => holder !== undefined && macs.includes(holder));
    if (!known) assert.fail(`frames of another device keep device ${bound.index} at ${bound.streamAt}`);
  }
  if (decision.kind === "quarantine") {
    if (delivering) assert.fail(`quarantine of ${bound.streamAt} while frames of device ${bound.index} flow from it`);
    const proofs = judged.filter((one) => one.foreign && decision.addresses.includes(one.address));
    const stranger = proofs.some(({ address, at }) =>
      lan.hosts.some((host) => host !== own && heldLately(host, address, lan.wallToMonotonic(at), lan)),
    );
    if (!stranger) assert.fail(`quarantine of ${decision.addresses.join()} where nobody else is`);
  }
}

/** Every login that was ever tried: after which answers, and to whom it went. */
export function checkLogins(lan: SimulatedLan, home: SimulatedHome, tally: Tally): void {
  const last = new Map<string, Asked>();
  for (const asked of lan.asked) {
    const bound = home.devices.find((device) => device.index === asked.device);
    if (asked.proof !== "login") {
      last.set(`${asked.device} ${asked.address} ${asked.proof}`, asked);
      continue;
    }
    tally.count("login tried");
    if (bound === undefined) assert.fail(`login with the password of device ${asked.device}, which was never learned`);
    const lately = (proof: Asked["proof"]): Asked | undefined => last.get(`${asked.device} ${asked.address} ${proof}`);
    const wrong = missingProof(bound, home, lately);
    if (wrong !== undefined) assert.fail(`login of device ${asked.device} to ${asked.address}: ${wrong}`);
    if (!asked.sent || asked.to.device === asked.device) continue;
    const table = lately("neighbour");
    const proxied = table?.proof === "neighbour" && table.reading.found === "mac" && table.reading.gateway;
    const cloned = asked.to.nics.some((nic) => home.macsOf(bound).includes(nic.mac));
    const blind = proxied || cloned || isRouted(asked.address);
    const race = asked.at - asked.entryChangedAt <= RACE || (blind && asked.at - asked.to.since <= RACE_WITHOUT_MAC);
    if (!race) assert.fail(`${asked.to.name} got the credential of device ${asked.device} at ${asked.address}`);
    tally.count("race: a credential went to a device that came right after the proof");
  }
}

/** What the answers before a login lacked, judged by the rules in words and not by the program's own code. */
function missingProof(bound: Bound, home: SimulatedHome, lately: (proof: Asked["proof"]) => Asked | undefined): string | undefined {
  const { identity } = bound;
  const [neighbour, connect, endpoint, greeting] = [lately("neighbour"), lately("connect"), lately("endpoint"), lately("greeting")];
  if (connect?.proof !== "connect" || connect.reading !== "open") return "its port was not open";
  const said = endpoint?.proof === "endpoint" ? endpoint.reading : undefined;
  if (said !== undefined && said !== identity.endpoint) return "another endpoint reference";
  const realm = greeting?.proof === "greeting" && greeting.reading.kind === "challenge" ? greeting.reading.realm : undefined;
  if (realm !== undefined && realm !== identity.realm) return "another realm";
  if (neighbour?.proof !== "neighbour" || neighbour.reading.found === "nobody") return "nobody answered ARP";
  if (neighbour.reading.found === "no-layer-2") return said === undefined ? "no endpoint reference on a routed network" : undefined;
  const { mac, gateway } = neighbour.reading;
  const enrolled = home.macsOf(bound).includes(mac);
  if (!enrolled && !gateway) return "another MAC";
  const sound = enrolled && !gateway && !isLocallyAdministered(mac) && !isShared([mac], bound, home);
  const serial = identity.endpoint === undefined && realm?.startsWith("Login to ") === true;
  if (!sound && said === undefined && !serial) return "a MAC that proves nothing and no identity";
  return identity.endpoint !== undefined && said === undefined && realm === undefined ? "nothing of what was learned" : undefined;
}

function isShared(macs: readonly MacAddress[], bound: Bound, home: SimulatedHome): boolean {
  return home.devices.some((other) => other !== bound && home.macsOf(other).some((mac) => macs.includes(mac)));
}

function holds(host: Host, address: IpAddress): boolean {
  return host.up && host.nics.some((nic) => nic.address === address);
}

/** Whether the host is there, or moved no longer ago than shortly before the proof. */
function heldLately(host: Host, address: IpAddress, provedAt: number, lan: SimulatedLan): boolean {
  return holds(host, address) || host.since >= provedAt - (lan.lyingTable ? 45_000 : RACE);
}
