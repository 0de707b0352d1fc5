import { describe, expect, it, onTestFinished } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import type { ConnectProber, EndpointProber, NeighbourProber, OnvifPortProber, RtspProber } from "../../src/ports/prober.ts";
import { failureOf } from "../fakes/failure-of.ts";

const signal = new AbortController().signal;
const short = milliseconds(700);
/** Longer than any test may take: what resolves within it resolved early. */
const long = seconds(110);
const nobodysMac = "0c:79:55:ff:ff:fe" as MacAddress;

export interface Occupant {
  readonly address: IpAddress;
  readonly mac: MacAddress;
}

/** A LAN with a prober on it, made anew for each test. */
export interface NeighbourWorld {
  readonly prober: NeighbourProber;
  readonly camera: Occupant;
  readonly stranger: Occupant;
  readonly gateway: Occupant;
  /** On the LAN, held by nobody. */
  readonly empty: IpAddress;
  /** Behind a router. */
  readonly far: IpAddress;
  /** The camera has another address from now on and tells nobody: a kernel goes on showing it at the old one. */
  moveCamera(to: IpAddress): Promise<void>;
  close(): Promise<void>;
}

/** What every neighbour prober keeps to. */
export function describeNeighbourProber(title: string, open: () => Promise<NeighbourWorld>): void {
  describe(`${title} as a neighbour prober`, () => {
    const start = async (): Promise<NeighbourWorld> => {
      const world = await open();
      onTestFinished(() => world.close());
      return world;
    };

    it("finds a wanted MAC at once, and finds it again", async () => {
      const { prober, camera } = await start();
      for (let round = 0; round < 2; round += 1) {
        const reading = await prober.neighbour(camera.address, [nobodysMac, camera.mac], long, signal);
        expect(reading).toMatchObject({ found: "mac", mac: camera.mac, gateway: false });
        expect(reading.found === "mac" && reading.addressesOfMac).toContain(camera.address);
      }
    });

    it("tells who else is there when the time is over", async () => {
      const { prober, camera, stranger } = await start();
      expect(await prober.neighbour(stranger.address, [camera.mac], short, signal)).toMatchObject({ found: "mac", mac: stranger.mac });
    });

    it("tells whoever is there where no MAC is wanted", async () => {
      const { prober, stranger } = await start();
      expect(await prober.neighbour(stranger.address, [], short, signal)).toMatchObject({ found: "mac", mac: stranger.mac });
    });

    it("knows the gateway's MAC", async () => {
      const { prober, gateway } = await start();
      const reading = await prober.neighbour(gateway.address, [gateway.mac], short, signal);
      expect(reading).toMatchObject({ found: "mac", mac: gateway.mac, gateway: true });
    });

    it("finds nobody at an empty address", async () => {
      const { prober, camera, empty } = await start();
      expect(await prober.neighbour(empty, [camera.mac], short, signal)).toEqual({ found: "nobody" });
    });

    it("sees no MAC behind a router", async () => {
      const { prober, camera, far } = await start();
      expect(await prober.neighbour(far, [camera.mac], short, signal)).toEqual({ found: "no-layer-2" });
    });

    it("does not believe that a camera is still where it was seen a moment ago", async () => {
      const world = await start();
      const { prober, camera, empty } = world;
      await prober.neighbour(camera.address, [camera.mac], long, signal);
      await world.moveCamera(empty);
      expect(await prober.neighbour(camera.address, [camera.mac], seconds(1.5), signal)).toEqual({ found: "nobody" });
      expect(await prober.neighbour(empty, [camera.mac], long, signal)).toMatchObject({ found: "mac", mac: camera.mac });
    });

    it("goes on asking for one that is about to take its address", async () => {
      const world = await start();
      const reading = world.prober.neighbour(world.empty, [world.camera.mac], long, signal);
      await new Promise((resolve) => setTimeout(resolve, 150));
      await world.moveCamera(world.empty);
      expect(await reading).toMatchObject({ found: "mac", mac: world.camera.mac });
    });

    it("gives the reason of the abort, before and meanwhile", async () => {
      const { prober, camera, empty } = await start();
      expect(await aborted((until) => prober.neighbour(empty, [camera.mac], long, until))).toEqual(["before", "meanwhile"]);
    });
  });
}

/** TCP ports that answer in each of the ways. */
export interface ConnectWorld {
  readonly prober: ConnectProber;
  readonly open: { readonly address: IpAddress; readonly port: number };
  readonly refused: { readonly address: IpAddress; readonly port: number };
  /** Where nobody is, or nobody answers. */
  readonly silent: { readonly address: IpAddress; readonly port: number };
  close(): Promise<void>;
}

/** What every connect prober keeps to. */
export function describeConnectProber(title: string, open: () => Promise<ConnectWorld>): void {
  describe(`${title} as a connect prober`, () => {
    const start = async (): Promise<ConnectWorld> => {
      const world = await open();
      onTestFinished(() => world.close());
      return world;
    };

    it("tells an open port from a closed one", async () => {
      const { prober, open: listening, refused } = await start();
      expect(await prober.connect(listening.address, listening.port, long, signal)).toBe("open");
      expect(await prober.connect(refused.address, refused.port, long, signal)).toBe("refused");
    });

    it("gives silence up in time", async () => {
      const { prober, silent } = await start();
      expect(["timeout", "unreachable"]).toContain(await prober.connect(silent.address, silent.port, short, signal));
    });

    it("gives the reason of the abort, before and meanwhile", async () => {
      const { prober, silent } = await start();
      expect(await aborted((until) => prober.connect(silent.address, silent.port, long, until))).toEqual(["before", "meanwhile"]);
    });
  });
}

/** An ONVIF device, and a host that is none. */
export interface EndpointWorld {
  readonly prober: EndpointProber & OnvifPortProber;
  readonly device: { readonly address: IpAddress; readonly ports: readonly number[]; readonly endpoint: string };
  /** Answers, but not as ONVIF. */
  readonly other: { readonly address: IpAddress; readonly ports: readonly number[] };
  /** Where nobody is, or nobody answers. */
  readonly silent: { readonly address: IpAddress; readonly ports: readonly number[] };
  close(): Promise<void>;
}

/** What every endpoint prober keeps to. */
export function describeEndpointProber(title: string, open: () => Promise<EndpointWorld>): void {
  describe(`${title} as an endpoint prober`, () => {
    const start = async (): Promise<EndpointWorld> => {
      const world = await open();
      onTestFinished(() => world.close());
      return world;
    };

    it("learns the endpoint reference, the same each time", async () => {
      const { prober, device } = await start();
      for (let round = 0; round < 3; round += 1) {
        expect(await prober.endpoint(device.address, device.ports, seconds(10), signal)).toBe(device.endpoint);
      }
    });

    it("learns nothing of what is no ONVIF device", async () => {
      const { prober, other, silent } = await start();
      expect(await prober.endpoint(other.address, other.ports, short, signal)).toBeUndefined();
      expect(await prober.endpoint(silent.address, silent.ports, short, signal)).toBeUndefined();
    });

    it("gives the reason of the abort, before and meanwhile", async () => {
      const { prober, silent } = await start();
      expect(await aborted((until) => prober.endpoint(silent.address, silent.ports, long, until))).toEqual(["before", "meanwhile"]);
    });

    it("names no port of what is no ONVIF device", async () => {
      const { prober, other, silent } = await start();
      expect(await prober.onvifPort(other.address, other.ports, short, signal)).toBeUndefined();
      expect(await prober.onvifPort(silent.address, silent.ports, short, signal)).toBeUndefined();
    });
  });
}

export interface RtspPlace {
  readonly address: IpAddress;
  readonly port: number;
  readonly path: string;
}

/**
 * RTSP servers, one of each kind; `url` bears the credentials that it takes. The other URLs are of the same server, or of another one where a
 * script knows one answer a host.
 */
export interface RtspWorld {
  readonly prober: RtspProber;
  readonly digest: RtspPlace & { readonly realm: string; readonly url: string; readonly wrongPassword: string; readonly wrongPath: string };
  readonly basic: RtspPlace & { readonly url: string; readonly urlWhereAllowed: string };
  readonly open: RtspPlace & { readonly url: string };
  readonly notRtsp: RtspPlace;
  readonly silent: RtspPlace & { readonly url: string };
  close(): Promise<void>;
}

/** What every RTSP prober keeps to. */
export function describeRtspProber(title: string, open: () => Promise<RtspWorld>): void {
  describe(`${title} as an RTSP prober`, () => {
    const start = async (): Promise<RtspWorld> => {
      const world = await open();
      onTestFinished(() => world.close());
      return world;
    };

    it("reads each kind of greeting", async () => {
      const { prober, digest, basic, open: free, notRtsp, silent } = await start();
      const greet = ({ address, port, path }: RtspPlace): ReturnType<RtspProber["greeting"]> =>
        prober.greeting(address, port, path, seconds(5), signal);
      expect(await greet(digest)).toMatchObject({ kind: "challenge", schemes: ["digest"], realm: digest.realm });
      expect(await greet(basic)).toMatchObject({ kind: "challenge", schemes: ["basic"] });
      expect(await greet(free)).toEqual({ kind: "open" });
      expect(await greet(notRtsp)).toEqual({ kind: "not-rtsp" });
      expect(await prober.greeting(silent.address, silent.port, silent.path, short, signal)).toEqual({ kind: "no-answer" });
    });

    it("logs in by Digest", async () => {
      const { prober, digest } = await start();
      expect(await prober.login(digest.url, false, seconds(5), signal)).toBe("accepted");
      expect(await prober.login(digest.wrongPassword, false, seconds(5), signal)).toBe("unauthorized");
      expect(await prober.login(digest.wrongPath, false, seconds(5), signal)).toBe("not-found");
    });

    it("offers Basic only where it is allowed", async () => {
      const { prober, basic } = await start();
      expect(await prober.login(basic.url, false, seconds(5), signal)).toBe("basic-only");
      expect(await prober.login(basic.urlWhereAllowed, true, seconds(5), signal)).toBe("accepted");
    });

    it("takes an open stream for accepted, and silence for no answer", async () => {
      const { prober, open: free, silent } = await start();
      expect(await prober.login(free.url, false, seconds(5), signal)).toBe("accepted");
      expect(await prober.login(silent.url, false, short, signal)).toBe("no-answer");
    });

    it("gives the reason of the abort, before and meanwhile", async () => {
      const { prober, silent } = await start();
      expect(await aborted((until) => prober.greeting(silent.address, silent.port, silent.path, long, until))).toEqual([
        "before",
        "meanwhile",
      ]);
      expect(await aborted((until) => prober.login(silent.url, false, long, until))).toEqual(["before", "meanwhile"]);
    });
  });
}

/** How a question that nobody answers ends when its signal is aborted, by the messages of the signal's own reasons. */
async function aborted(ask: (until: AbortSignal) => Promise<unknown>): Promise<readonly string[]> {
  const before = failureOf(ask(AbortSignal.abort(new Error("before"))));
  const controller = new AbortController();
  const meanwhile = failureOf(ask(controller.signal));
  await new Promise((resolve) => setTimeout(resolve, 100));
  controller.abort(new Error("meanwhile"));
  return (await Promise.all([before, meanwhile])).map((error) => (error instanceof Error ? error.message : "resolved"));
}
