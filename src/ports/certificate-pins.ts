/** Which certificate a server showed when it was first spoken to, so that another one is noticed. */
export interface CertificatePins {
  /** The SHA-256 fingerprint that was kept, or `trusted` where a known authority vouched for the certificate; undefined at first use. */
  certificate(place: string): string | undefined;
  saveCertificate(place: string, fingerprint: string): void;
}
