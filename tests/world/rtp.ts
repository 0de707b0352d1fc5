const PAYLOAD_TYPE = 96;
const CLOCK = 90_000;
const MTU = 1_400;
/** Seconds between 1900-01-01 (NTP) and 1970-01-01 (RFC 3550 §4). */
const NTP_OFFSET = 2_208_988_800;

/** One sender of RTP: its numbers go on from packet to packet. */
export interface RtpSender {
  /** The packets of one picture (RFC 6184: single NAL unit packets, and FU-A for the larger ones). */
  packets(nals: readonly Uint8Array[], seconds: number): Uint8Array[];
  /** An RTCP sender report (RFC 3550 §6.4.1) with the counts so far. */
  report(epochMilliseconds: number, seconds: number): Uint8Array;
}

/** @param ssrc the source's number, chosen at random by the caller */
export function rtpSender(ssrc: number): RtpSender {
  let sequence = ssrc & 0xffff;
  let packetCount = 0;
  let octetCount = 0;
  const timestamp = (seconds: number): number => Math.round(seconds * CLOCK) % 2 ** 32;
  const packet = (payload: readonly Uint8Array[], stamp: number, last: boolean): Uint8Array => {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = PAYLOAD_TYPE | (last ? 0x80 : 0);
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(stamp, 4);
    header.writeUInt32BE(ssrc, 8);
    sequence = (sequence + 1) & 0xffff;
    packetCount += 1;
    octetCount += payload.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([header, ...payload]);
  };
  return {
    packets: (nals, seconds) => {
      const stamp = timestamp(seconds);
      return nals.flatMap((nal, index) => {
        const lastNal = index === nals.length - 1;
        if (nal.length <= MTU) return [packet([nal], stamp, lastNal)];
        return fragments(nal).map(({ header, part, last }) => packet([header, part], stamp, lastNal && last));
      });
    },
    report: (epochMilliseconds, seconds) => {
      const report = Buffer.alloc(28);
      report[0] = 0x80;
      report[1] = 200;
      report.writeUInt16BE(6, 2);
      report.writeUInt32BE(ssrc, 4);
      report.writeUInt32BE(Math.floor(epochMilliseconds / 1000) + NTP_OFFSET, 8);
      report.writeUInt32BE(Math.floor(((epochMilliseconds % 1000) / 1000) * 2 ** 32), 12);
      report.writeUInt32BE(timestamp(seconds), 16);
      report.writeUInt32BE(packetCount, 20);
      report.writeUInt32BE(octetCount % 2 ** 32, 24);
      return report;
    },
  };
}

/** The parts of a large NAL unit with their FU indicator and FU header (RFC 6184 §5.8). */
function fragments(nal: Uint8Array): { header: Uint8Array; part: Uint8Array; last: boolean }[] {
  const first = nal[0] ?? 0;
  const body = nal.subarray(1);
  const count = Math.ceil(body.length / MTU);
  return Array.from({ length: count }, (_, index) => {
    const last = index === count - 1;
    const flags = (index === 0 ? 0x80 : 0) | (last ? 0x40 : 0);
    const header = Uint8Array.of((first & 0xe0) | 28, flags | (first & 0x1f));
    return { header, part: body.subarray(index * MTU, (index + 1) * MTU), last };
  });
}

/** A packet as it goes over the RTSP connection (RFC 2326 §10.12). */
export function interleaved(channel: number, packet: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4);
  header[0] = 0x24;
  header[1] = channel;
  header.writeUInt16BE(packet.length, 2);
  return Buffer.concat([header, packet]);
}
