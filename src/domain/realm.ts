/**
 * Realms that makers ship unchanged on every camera (go2rtc pkg/tcp/auth.go names the first two; the others are defaults of the RTSP servers
 * that camera firmware is built from). Compared without case.
 */
const MAKERS_CONSTANTS: ReadonlySet<string> = new Set(
  [
    "BC Streaming Media",
    "TP-LINK Streaming Media",
    "LIVE555 Streaming Media",
    "GStreamer RTSP Server",
    "RTSP Server",
    "RTSPServer",
    "RTSP SERVER",
    "IP Camera",
    "IPCamera",
    "IPCAM",
    "Hikvision",
    "Dahua",
    "Surveillance Server",
    "Streaming Server",
    "Media Server",
    "Please log in with a valid username",
  ].map((realm) => realm.toLowerCase()),
);

/**
 * True where the realm carries a serial number or MAC address, so that hardly two devices share it: Axis `AXIS_<MAC>`, Dahua `Login to <serial>`.
 * Anything else counts as a maker's constant: a realm wrongly taken for an identity would open the door to a camera of the same model.
 */
export function namesOneDevice(realm: string): boolean {
  if (MAKERS_CONSTANTS.has(realm.trim().toLowerCase())) return false;
  return realm
    .replaceAll(/(?<=[0-9a-f]{2})[:-](?=[0-9a-f]{2})/gi, "")
    .split(/[^0-9a-z]+/i)
    .some((word) => word.length >= 8 && word.replaceAll(/\D/g, "").length >= 3);
}

/** Whether two ONVIF endpoint references name the same device: UUIDs compare without case (RFC 4122 §3). */
export function sameEndpoint(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
