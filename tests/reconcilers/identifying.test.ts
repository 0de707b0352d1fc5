import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { seconds } from "../../src/domain/duration.ts";
import { readScopes } from "../../src/domain/self-description.ts";
import { identify } from "../../src/reconcilers/identifying.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeProber, type ScriptedHost } from "../fakes/fake-prober.ts";

const HERE = "192.168.50.50" as IpAddress;
const { signal } = new AbortController();

async function describeHost(host: ScriptedHost | undefined): Promise<{ said: unknown; prober: FakeProber }> {
  const clock = new FakeClock();
  const prober = new FakeProber(clock);
  prober.put(HERE, host);
  const where = { address: HERE, streamPort: 554, streamPath: "/", onvifPorts: [80] };
  const answer = identify(prober, where, seconds(2), signal);
  await clock.advance(seconds(3));
  return { said: await answer, prober };
}

describe("what a device says of itself", () => {
  it("is put together from ONVIF, RTSP and the maker's discovery, without a login", async () => {
    const { said, prober } = await describeHost({
      endpoint: "urn:uuid:1",
      scopes: [
        "onvif://www.onvif.org/type/video_encoder",
        "onvif://www.onvif.org/name/Front%20door",
        "onvif://www.onvif.org/hardware/IPC-1",
      ],
      greeting: { kind: "challenge", schemes: ["digest"], realm: "IP Camera", server: "Hipcam" },
      vendor: { uid: "tplink:80224F5A11B2C3D4", model: "C210", mac: "9c:53:22:aa:bb:cc" as never },
    });
    expect(said).toEqual({
      speaksRtsp: true,
      endpoint: "urn:uuid:1",
      name: "Front door",
      hardware: "IPC-1",
      mac: "9c:53:22:aa:bb:cc",
      realm: "IP Camera",
      server: "Hipcam",
      uid: "tplink:80224F5A11B2C3D4",
    });
    expect(prober.count("login")).toBe(0);
  });

  it("is nothing where nobody answers", async () => {
    expect((await describeHost(undefined)).said).toEqual({ speaksRtsp: false });
  });

  it("may hold a MAC address in its scopes, in either spelling", () => {
    expect(readScopes(["onvif://www.onvif.org/MacAddress/9C5322AABBCC"])).toEqual({ mac: "9c:53:22:aa:bb:cc" });
    expect(readScopes(["onvif://www.onvif.org/mac/9c-53-22-aa-bb-cc", "http://x/name/y", "onvif://www.onvif.org/name/%"])).toEqual({
      mac: "9c:53:22:aa:bb:cc",
      name: "%",
    });
  });
});
