/** The first video track of a session description (RFC 4566 §5.14). */
export interface VideoTrack {
  /** The absolute URI to set it up with. */
  readonly controlUri: string;
}

/**
 * Finds the first video track. Its `a=control` is absolute, or relative to the base (RFC 2326 §C.1.1); `*` and none mean the base itself.
 * @param base `Content-Base`, else `Content-Location`, else the URI of the request
 */
export function findVideoTrack(description: string, base: string): VideoTrack | undefined {
  const lines = description.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith("m=video "));
  if (start < 0) return undefined;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("m="));
  const media = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const control =
    media
      .find((line) => line.startsWith("a=control:"))
      ?.slice("a=control:".length)
      .trim() ?? "*";
  return { controlUri: resolveControl(control, base) };
}

/** Whether the session as a whole has its own control URI; what PLAY is sent to. */
export function sessionUri(description: string, base: string): string {
  const head = description.split(/\r?\n(?=m=)/, 1)[0] ?? "";
  const control = /^a=control:(.*)$/m.exec(head)?.[1]?.trim() ?? "*";
  return resolveControl(control, base);
}

/** Appended as text, not by the rules for URLs: a base with a query keeps it, as FFmpeg and go2rtc do it and cameras expect it. */
function resolveControl(control: string, base: string): string {
  if (control === "*" || control === "") return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  return base.endsWith("/") || control.startsWith("/") ? `${base}${control}` : `${base}/${control}`;
}
