/** Which certificate a server showed when it was first spoken to, so that another one is noticed. */
export interface CertificatePins {
  /** By the server's address: the SHA-256 fingerprint that was kept, or `trusted` where a known authority vouched for the certificate. */
  certificates(): ReadonlyMap<string, string>;
  saveCertificate(place: string, fingerprint: string): void;
}
