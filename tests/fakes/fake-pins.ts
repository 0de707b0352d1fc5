import type { CertificatePins } from "../../src/ports/certificate-pins.ts";

/** Certificates kept in memory. */
export class FakePins implements CertificatePins {
  readonly kept = new Map<string, string>();

  certificate(place: string): string | undefined {
    return this.kept.get(place);
  }

  saveCertificate(place: string, fingerprint: string): void {
    this.kept.set(place, fingerprint);
  }
}
