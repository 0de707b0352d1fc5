import type { FrigateReason } from "../../ports/running-frigate.ts";

/** What a connection that failed means, in words that follow "Frigate at …", with the remedy. */
export function failure(place: string, code: string | undefined): readonly [FrigateReason, string] {
  switch (code) {
    case "ECONNREFUSED":
      return ["FrigateUnreachable", "does not answer (ECONNREFUSED): start it, or correct the port in url under frigate"];
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return ["FrigateUnreachable", `has a name that cannot be resolved (${code}): correct url under frigate`];
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return ["NotFrigate", "does not speak TLS there: write http:// in url under frigate"];
    case "HPE_INVALID_CONSTANT":
    case "HPE_INVALID_HEADER_TOKEN":
      return ["NotFrigate", "does not speak HTTP there: correct url under frigate"];
    case "ECONNRESET":
    case "EPIPE":
      return place.startsWith("https:")
        ? ["FrigateUnreachable", `broke the connection off (${code}): if that port speaks no TLS, write http:// in url under frigate`]
        : ["FrigateUnreachable", `broke the connection off (${code}): if that port speaks TLS, write https:// in url under frigate`];
    case undefined:
      return ["FrigateUnreachable", "does not answer"];
    default:
      return ["FrigateUnreachable", `does not answer (${code})`];
  }
}
