import type { CertificatePins } from "../../src/ports/certificate-pins.ts";

/** Certificates kept in memory. */
export class FakePins implements CertificatePins {
  readonly kept = new Map<string, string>();

  certificates(): ReadonlyMap<string, string> {
    return this.kept;
  }

  saveCertificate(place: string, fingerprint: string): void {
    this.kept.set(place, fingerprint);
  }
}
