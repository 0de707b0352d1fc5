import { connect } from "node:net";
import type { IpAddress } from "../../src/domain/addresses.ts";
import type { Camera, MoveOptions } from "./camera.ts";
import type { DhcpCapture } from "./capture.ts";
import type { Go2rtc } from "./go2rtc.ts";
import { epochMilliseconds, eventually, pause } from "./waiting.ts";
import { newClients } from "./watchers.ts";

/** What a healer reaches that already knows the answer; ms after the DHCPREQUEST that the router acknowledged. */
export interface OracleFigures {
  /** The camera's RTSP port took a connection. */
  readonly answers: number;
  /** go2rtc had been told. */
  readonly told: number;
  /** A new client's first video packet from the new address. */
  readonly frames: number;
}

/**
 * Moves a camera and tells go2rtc its new address 0.3 s after it answers, by PATCH then PUT: the bound for every healer in this world.
 * Leaves the home's document as it is.
 */
export async function oracle(
  world: { readonly go2rtc: Go2rtc; readonly capture: DhcpCapture },
  camera: Camera,
  to: IpAddress,
  options: MoveOptions = {},
): Promise<OracleFigures> {
  const move = await camera.moveByDhcp(to, options);
  const { requestAt } = await world.capture.acknowledgedAfter(camera.mac, move.leftAt);
  await using viewers = newClients(world.go2rtc, camera.name, to);
  await eventually("the camera's RTSP port", () => takesConnections(to, camera.rtspPort), 10_000, 5);
  const answersAt = epochMilliseconds();
  await pause(300);
  await world.go2rtc.patch(camera.name, camera.url());
  await world.go2rtc.put(camera.name, [camera.url()]);
  const toldAt = epochMilliseconds();
  const framesAt = await viewers.firstPacket;
  return { answers: answersAt - requestAt, told: toldAt - requestAt, frames: framesAt - requestAt };
}

/** Whether a TCP connection is taken within 1 s. */
export async function takesConnections(address: IpAddress, port: number): Promise<boolean> {
  const socket = connect({ host: address, port, timeout: 1_000 });
  try {
    return await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("timeout", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
