import type { IpAddress } from "../../src/domain/addresses.ts";
import type { Duration } from "../../src/domain/duration.ts";
import type { CameraDetails, InterfacesReading, StreamUriReading } from "../../src/ports/camera-details.ts";

/** Cameras that answer with what the test says, and write down what they were asked. */
export class FakeCameraDetails implements CameraDetails {
  readonly offsets = new Map<IpAddress, Duration>();
  readonly paths = new Map<IpAddress, StreamUriReading>();
  readonly interfaces = new Map<IpAddress, InterfacesReading>();
  readonly askedForTime: IpAddress[] = [];
  readonly askedForPaths: string[] = [];
  readonly askedForInterfaces: string[] = [];

  clockOffset(address: IpAddress): Promise<Duration | undefined> {
    this.askedForTime.push(address);
    return Promise.resolve(this.offsets.get(address));
  }

  streamPaths(address: IpAddress, _ports: readonly number[], loginUrl: string): Promise<StreamUriReading> {
    this.askedForPaths.push(loginUrl);
    return Promise.resolve(this.paths.get(address) ?? { kind: "no-answer" });
  }

  hardwareAddresses(address: IpAddress, _ports: readonly number[], loginUrl: string): Promise<InterfacesReading> {
    this.askedForInterfaces.push(loginUrl);
    return Promise.resolve(this.interfaces.get(address) ?? { kind: "no-answer" });
  }
}
