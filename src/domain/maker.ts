/** Makers whose stream paths and realms are told apart without a password. */
export type Maker = "Axis" | "Dahua" | "Hikvision" | "Reolink" | "TP-Link" | "Hanwha" | "Uniview";

/**
 * Stream paths that only cameras of one maker (and its many labels) are known to serve. A path that several use, such as `/stream1` or `/live`,
 * stands for nobody.
 */
const PATHS: readonly (readonly [Maker, RegExp])[] = [
  ["Dahua", /^\/+cam\/realmonitor\b/i],
  ["Hikvision", /^\/+(?:isapi\/)?streaming\/(?:channels|tracks)\//i],
  ["Hikvision", /^\/+h26[45]\/ch\d+\/(?:main|sub)\/av_stream/i],
  ["Reolink", /^\/+(?:h26[45])?preview_\d\d_(?:main|sub)/i],
  ["Axis", /^\/+(?:axis-media\/media\.amp|axis-cgi\/)/i],
  ["Hanwha", /^\/+profile\d+\/media\.smp/i],
  ["Uniview", /^\/+unicast\/c\d+\/s\d+\/live/i],
];

/**
 * Realms, server names and hardware names. The realms stand in public captures of these cameras (`Login to 4K049EBPAG1D7E7`,
 * `IP Camera(C2183)`, `AXIS_00408CEF081C`) and in go2rtc (pkg/tcp/auth.go: Reolink's and TP-Link's).
 */
const SAYINGS: readonly (readonly [Maker, RegExp])[] = [
  ["Dahua", /^login to [0-9a-z]{6,}$|\b(?:dahua|amcrest|lorex)\b/i],
  ["Hikvision", /^ip camera\([0-9a-z]+\)$|\b(?:hikvision|annke)\b|^ds-\d/i],
  ["Reolink", /^bc streaming media$|\breolink\b/i],
  ["TP-Link", /^tp-link streaming media$|\b(?:tapo|tp-link)\b/i],
  ["Axis", /^axis_|\baxis\b/i],
  ["Hanwha", /\b(?:hanwha|wisenet|ipolis)\b/i],
  ["Uniview", /\b(?:uniview|unv)\b/i],
];

/** Whose cameras serve a stream at that path; undefined where several makers' do. @param path with its query */
export function makerOfPath(path: string): Maker | undefined {
  return PATHS.find(([, pattern]) => pattern.test(path))?.[0];
}

/** Whose device says these of itself (realm, server, hardware); undefined where that is nobody's, or where they disagree. */
export function makerOfSayings(sayings: readonly string[]): Maker | undefined {
  const makers = new Set(sayings.flatMap((text) => SAYINGS.filter(([, pattern]) => pattern.test(text.trim())).map(([maker]) => maker)));
  return makers.size === 1 ? [...makers][0] : undefined;
}
