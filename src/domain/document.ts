import type { IpAddress } from "./addresses.ts";
import type { ConfiguredStream, OwnerName, StreamSource } from "./camera.ts";
import type { Host, HostName } from "./host-name.ts";

/** Keys and indexes from a document's root to a value. */
export type DocumentPath = readonly (string | number)[];

/** One host span in the text of a document that names a camera's address. */
export interface Occurrence {
  /** The first place that the span is reached by; an anchor's own place rather than its aliases'. */
  readonly path: DocumentPath;
  readonly kind: "stream" | "input" | "onvif" | "webui" | "variable" | "text";
  /** All that depend on the span; several where an anchor is shared. */
  readonly owners: readonly OwnerName[];
  readonly address: IpAddress;
  /** What stands there in fact, where a person asked to have the name taken for the address. */
  readonly name?: HostName;
  /** Half-open UTF-16 offsets of exactly the host in the text. */
  readonly start: number;
  readonly end: number;
}

/** A place that looks like a camera's and is left alone, and why. */
export interface LeftAlone {
  readonly path: DocumentPath;
  readonly owners: readonly OwnerName[];
  /** As a message may show it: credentials masked. */
  readonly host: string;
  readonly why:
    | "hostname"
    | "ipv6"
    | "placeholder"
    | "multicast"
    | "not-rewritable"
    | "another-camera"
    | "within-a-word"
    | "shared-name"
    | "several-names";
  /** For a placeholder: the variable to edit. */
  readonly variable?: string;
}

/** A camera of Frigate's. */
export interface ConfiguredCamera {
  readonly name: string;
  readonly enabled: boolean;
  readonly addresses: readonly IpAddress[];
  /** go2rtc streams that its inputs read by loopback. */
  readonly streams: readonly string[];
  /** Inputs that go to the camera itself. Frigate must be restarted when such an address changes. */
  readonly directInputs: readonly StreamSource[];
  readonly onvifPort?: number;
  /** Neither it nor the document as a whole gives `detect.width` and `detect.height`: Frigate asks the camera itself at each start. */
  readonly unsized?: true;
}

/** What a document says of cameras. */
export interface DocumentReading {
  readonly cameras: readonly ConfiguredCamera[];
  readonly streams: readonly ConfiguredStream[];
  readonly occurrences: readonly Occurrence[];
  readonly leftAlone: readonly LeftAlone[];
}

/** One splice that was made. */
export interface HostEdit {
  readonly path: DocumentPath;
  readonly owners: readonly OwnerName[];
  /** A name where a person asked to have it replaced. */
  readonly from: Host;
  /** A name where such a change is taken back. */
  readonly to: Host;
}

/** What stands in the text. */
export function hostOf({ name, address }: Pick<Occurrence, "name" | "address">): Host {
  return name ?? address;
}

export interface Rewrite {
  readonly text: string;
  /** Empty where nothing had to change; `text` is then the very text that came in. */
  readonly edits: readonly HostEdit[];
}

/** How one kind of document is understood and changed. Both functions are pure. */
export interface DocumentFormat {
  readonly kind: "frigate" | "go2rtc" | "text";
  /** The cameras that a text is to follow; absent where it says itself which it has. */
  readonly follows?: readonly OwnerName[];
  /** @throws DocumentError where the text is not readable as such a document */
  read(text: string): DocumentReading;
  /**
   * Splices what `hostFor` gives into each occurrence, then parses the outcome and compares: only those hosts may differ.
   * @throws DocumentError where the text is not readable, or the outcome is not what was intended: then nothing may be written
   */
  rewrite(text: string, hostFor: (occurrence: Occurrence) => Host | undefined): Rewrite;
}

/** A document that cannot be read or changed, with the place for a person to look. Lines and columns count from 1. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly reason: "DocumentUnreadable" | "DocumentIsTemplate" | "RewriteNotProved";
  readonly line: number | undefined;
  readonly column: number | undefined;
  constructor(
    reason: "DocumentUnreadable" | "DocumentIsTemplate" | "RewriteNotProved",
    message: string,
    line?: number,
    column?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.reason = reason;
    this.line = line;
    this.column = column;
  }
}
