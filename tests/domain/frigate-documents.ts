import type { IpAddress } from "../../src/domain/addresses.ts";
import type { OwnerName } from "../../src/domain/camera.ts";

/** The forms that a random document may have; counted over a run so that none is rare. */
export const FORMS = [
  "anchor",
  "alias",
  "merge",
  "block-literal",
  "block-folded",
  "flow",
  "single-quoted",
  "double-quoted",
  "escape",
  "crlf",
  "bom",
  "prefix-addresses",
  "frigate-variable",
  "variable-host",
  "nvr",
  "query-credentials",
  "tricky-password",
  "comment-with-address",
  "multi-document",
  "exec",
  "self-reference",
  "tag",
] as const;

export type Form = (typeof FORMS)[number];

export interface HostSpan {
  readonly start: number;
  readonly end: number;
  readonly address: IpAddress;
  readonly device: number;
  readonly owners: Set<OwnerName>;
}

export interface RandomDocument {
  readonly text: string;
  /** Where the generator wrote a camera's address, in the order of the text. */
  readonly spans: readonly HostSpan[];
  readonly addresses: readonly IpAddress[];
  readonly forms: ReadonlySet<Form>;
}

export const ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ["FRIGATE_RTSP_USER", "viewer"],
  ["FRIGATE_RTSP_PASSWORD", "canary-@192.168.1.1/x"],
]);

const ADDRESSES = [
  "192.168.1.1",
  "192.168.1.13",
  "192.168.1.130",
  "192.168.1.10",
  "10.0.0.1",
  "10.0.0.11",
  "172.16.0.200",
  "192.168.1.101",
];
const SAFE_USERS = ["", "viewer:canary@", "viewer:canary%2Fword@"];
const TRICKY_USERS = [
  "viewer:c@nary:1@",
  "viewer:can/ary@",
  "viewer:can#ary@",
  "viewer:c$n%ary@",
  "viewer:192.168.1.13@",
  "viewer:it's@",
  "viewer:can?ary@",
];
const VARIABLE_USER = "{FRIGATE_RTSP_USER}:{FRIGATE_RTSP_PASSWORD}@";
const PATHS = [
  "/live",
  ":554/h264Preview_01_main",
  "/cam/realmonitor?channel=1&subtype=0",
  ":8554/front",
  "",
  "/ch1?from=192.168.1.13",
  ":554",
];
const QUERY = "/flv?port=1935&app=bcs&stream=channel0_main.bcs&user=viewer&password=";

/** What a source is made of: text before the host, the host, text after it. */
interface Source {
  readonly before: string;
  readonly after: string;
}

/** Writes one random document; `choose(n)` gives a number below n. */
export class DocumentWriter {
  text = "";
  readonly spans: HostSpan[] = [];
  readonly forms = new Set<Form>();
  readonly addresses: IpAddress[];
  readonly #choose: (below: number) => number;
  readonly #newline: string;
  readonly #wanted: (form: Form) => boolean;
  #anchors = 0;

  constructor(choose: (below: number) => number) {
    this.#choose = choose;
    const wanted = new Set(FORMS.filter(() => choose(100) < 30));
    // An alias needs something to share, a merge is an alias, an escape needs double quotes.
    if (wanted.has("merge")) wanted.add("alias");
    if (wanted.has("escape")) wanted.add("double-quoted");
    if (wanted.has("alias")) wanted.add("anchor").add("nvr");
    this.#wanted = (form) => wanted.has(form);
    this.#newline = wanted.has("crlf") ? "\r\n" : "\n";
    const count = 1 + choose(3);
    const pool = wanted.has("prefix-addresses") ? ADDRESSES : ADDRESSES.slice(4);
    const first = choose(pool.length);
    this.addresses = Array.from({ length: count }, (_, index) => pool[(first + index) % pool.length] as IpAddress);
    if (wanted.has("crlf")) this.forms.add("crlf");
    if (this.addresses.some((one) => this.addresses.some((other) => other !== one && other.startsWith(one))))
      this.forms.add("prefix-addresses");
  }

  write(): RandomDocument {
    if (this.#wanted("bom")) this.#mark("bom", "\u{feff}");
    if (this.#wanted("multi-document")) this.#mark("multi-document", `---${this.#newline}`);
    this.#head();
    const variables = this.#variables();
    this.#streams();
    this.#cameras("", variables);
    if (this.#wanted("multi-document")) {
      this.text += `---${this.#newline}`;
      this.#cameras("second_", new Map());
    }
    const spans = this.spans.toSorted((one, other) => one.start - other.start);
    return { text: this.text, spans, addresses: this.addresses, forms: this.forms };
  }

  #mark(form: Form, text: string): void {
    this.forms.add(form);
    this.text += text;
  }

  #line(text: string): void {
    this.text += text + this.#newline;
  }

  #comment(indent: string): void {
    if (!this.#wanted("comment-with-address") || this.#choose(2) === 0) return;
    this.#mark("comment-with-address", "");
    this.#line(`${indent}# was rtsp://viewer:canary@${this.addresses[0] ?? ""}/live "until' today`);
  }

  #head(): void {
    this.#line(`mqtt: { host: ${this.addresses[0] ?? ""}, user: "{FRIGATE_MQTT_USER}" }`);
    if (this.#wanted("tag")) {
      this.#mark("tag", "");
      this.#line(`record: !include record.yaml`);
    }
    this.#comment("");
  }

  #variables(): ReadonlyMap<number, HostSpan> {
    const variables = new Map<number, HostSpan>();
    if (!this.#wanted("variable-host")) return variables;
    this.forms.add("variable-host");
    this.#line("environment_vars:");
    this.addresses.forEach((_, device) => {
      this.text += `  FRIGATE_CAM_${device}: `;
      variables.set(device, this.#host(device, []));
      this.#line(this.#choose(2) === 0 ? "" : "  # the camera");
    });
    return variables;
  }

  #host(device: number, owners: readonly OwnerName[]): HostSpan {
    const address = this.addresses[device] ?? ("192.0.2.1" as IpAddress);
    const span = { start: this.text.length, end: this.text.length + address.length, address, device, owners: new Set(owners) };
    this.text += address;
    this.spans.push(span);
    return span;
  }

  #streams(): void {
    this.#line("go2rtc:");
    this.#line(`  webrtc: {candidates: ["${this.addresses[0] ?? ""}:8555", stun:8555]}`);
    this.#line("  streams:");
    this.addresses.forEach((_, device) => {
      const name = `cam_${device}`;
      const owners = [`stream:${name}`] as const;
      this.#comment("    ");
      const form = this.#choose(4);
      this.text += `    ${name}:`;
      if (form === 0) this.#scalar(device, this.#source(), "      ", owners, false);
      else if (form === 1) {
        this.text += `${this.#newline}      url:`;
        this.#scalar(device, this.#source(), "        ", owners, false);
      } else if (form === 2 && this.#wanted("flow")) {
        this.#mark("flow", " [");
        this.#scalar(device, this.#source(), "", owners, true);
        this.text += ", 'ffmpeg:x#audio=opus'";
        this.#line(" ] # end");
      } else {
        this.text += `${this.#newline}      -`;
        this.#scalar(device, this.#source(), "        ", owners, false);
        this.#comment("      ");
        if (this.#wanted("exec")) {
          this.#mark("exec", "      - 'exec:ffmpeg -i rtsp://viewer:canary@");
          this.#host(device, owners);
          this.#line("/sub -an -f rtsp {{output}}'");
        }
        if (this.#wanted("self-reference")) {
          this.forms.add("self-reference");
          this.#line(`      - ffmpeg:${name}#audio=opus`);
        }
      }
    });
  }

  #cameras(prefix: string, variables: ReadonlyMap<number, HostSpan>): void {
    this.#line("cameras:");
    let shared: { readonly name: string; readonly device: number; readonly spans: readonly HostSpan[] } | undefined;
    this.addresses.forEach((_, device) => {
      const copies = this.#wanted("nvr") && device === 0 ? 3 : 1;
      if (copies > 1) this.forms.add("nvr");
      for (let copy = 0; copy < copies; copy += 1) {
        const name = `${prefix}cam_${device}${copy === 0 ? "" : `_${copy}`}`;
        const owner = `camera:${name}` as const;
        this.#comment("  ");
        if (shared !== undefined && this.#wanted("alias") && shared.device === device) {
          const merge = this.#wanted("merge");
          if (merge) this.forms.add("merge");
          this.forms.add("alias");
          this.#line(`  ${name}:`);
          this.#line(merge ? `    <<: *${shared.name}` : `    ffmpeg: *${shared.name}_f`);
          for (const span of shared.spans) span.owners.add(owner);
          continue;
        }
        const before = this.spans.length;
        const anchor = this.#wanted("anchor") && (copies > 1 || this.#choose(2) === 0) ? `a${(this.#anchors += 1)}` : undefined;
        if (anchor !== undefined) this.forms.add("anchor");
        this.#line(`  ${name}:${anchor === undefined ? "" : ` &${anchor}`}`);
        this.#line(`    ffmpeg:${anchor === undefined ? "" : ` &${anchor}_f`}`);
        this.#line("      inputs:");
        this.#inputs(device, owner, variables.get(device));
        if (anchor !== undefined) shared = { name: anchor, device, spans: this.#sharedBy(before, owner) };
        if (this.#wanted("merge") || anchor === undefined) this.#onvif(device, owner, shared?.name === anchor ? shared : undefined);
      }
    });
  }

  /** Spans that an alias of the camera's `ffmpeg` shares: those that it wrote, and variables that it uses. */
  #sharedBy(before: number, owner: OwnerName): readonly HostSpan[] {
    return this.spans.filter((span, index) => index >= before || span.owners.has(owner));
  }

  #onvif(device: number, owner: OwnerName, shared: { readonly spans: readonly HostSpan[] } | undefined): void {
    if (this.#choose(2) === 0 || (shared !== undefined && !this.#wanted("merge"))) return;
    this.text += this.#choose(2) === 0 ? "    onvif: {host: " : "    onvif: { port: 8000, host: http://";
    const span = this.#host(device, [owner]);
    this.#line(" }");
    if (shared !== undefined) (shared.spans as HostSpan[]).push(span);
  }

  #inputs(device: number, owner: OwnerName, variable: HostSpan | undefined): void {
    this.text += "        - path:";
    this.#scalar(device, this.#source(), "            ", [owner], false);
    this.#line("          roles: [detect]");
    if (variable !== undefined && this.#choose(3) > 0) {
      this.#line(`        - path: "rtsp://viewer:canary@{FRIGATE_CAM_${device}}:554/sub"`);
      variable.owners.add(owner);
    }
    if (this.#wanted("flow")) {
      this.#mark("flow", "        - { path:");
      this.#scalar(device, this.#source(), "", [owner], true);
      this.#line(", roles: [ record ] }");
    }
    if (this.#wanted("self-reference")) {
      this.forms.add("self-reference");
      this.#line(`        - path: rtsp://127.0.0.1:8554/cam_${device}?video=copy`);
    }
  }

  #source(): Source {
    const inner = this.#plainSource();
    return this.#choose(5) === 0 && !inner.before.startsWith("{")
      ? { before: `ffmpeg:${inner.before}`, after: `${inner.after}#video=copy` }
      : inner;
  }

  #plainSource(): Source {
    if (this.#wanted("query-credentials") && this.#choose(2) === 0) {
      this.forms.add("query-credentials");
      return { before: "http://", after: `${QUERY}${this.#choose(2) === 0 ? "canary" : "can@192.168.1.13"}` };
    }
    const after = PATHS[this.#choose(PATHS.length)] ?? "";
    if (this.#wanted("frigate-variable") && this.#choose(2) === 0) {
      this.forms.add("frigate-variable");
      return { before: `rtsp://${VARIABLE_USER}`, after };
    }
    if (this.#wanted("tricky-password") && this.#choose(2) === 0) {
      this.forms.add("tricky-password");
      return { before: `rtsp://${TRICKY_USERS[this.#choose(TRICKY_USERS.length)] ?? ""}`, after };
    }
    return {
      before: `${["rtsp", "rtsps", "rtspx", "rtmp"][this.#choose(4)] ?? "rtsp"}://${SAFE_USERS[this.#choose(SAFE_USERS.length)] ?? ""}`,
      after,
    };
  }

  /** One scalar with the line end after it, in a style that the run asked for. */
  #scalar(device: number, source: Source, indent: string, owners: readonly OwnerName[], inFlow: boolean): void {
    const styles: Form[] = inFlow
      ? ["single-quoted", "double-quoted"]
      : ["single-quoted", "double-quoted", "block-literal", "block-folded"];
    const style = styles[this.#choose(styles.length + 2)];
    const quoted = inFlow && /[{},[\]]/.test(source.before + source.after) ? "single-quoted" : undefined;
    const chosen = quoted ?? (style !== undefined && this.#wanted(style) ? style : undefined);
    if (chosen !== undefined) this.forms.add(chosen);
    const write = (open: string, close: string, escape: (text: string) => string) => {
      this.text += open + escape(source.before);
      this.#host(device, owners);
      this.text += escape(source.after) + close;
    };
    if (chosen === "single-quoted") write(" '", "'", (text) => text.replaceAll("'", "''"));
    else if (chosen === "double-quoted") write(' "', '"', (text) => this.#escaped(text));
    else if (chosen === "block-literal") write(` |${["", "-", "+", "2"][this.#choose(4)] ?? ""}${this.#newline}${indent}`, "", String);
    else if (chosen === "block-folded") write(` >-${this.#newline}${indent}`, "", String);
    else write(" ", "", String);
    if (!inFlow) this.text += this.#newline;
  }

  #escaped(text: string): string {
    if (!this.#wanted("escape")) return text.replaceAll(/["\\]/g, "\\$&");
    this.forms.add("escape");
    return text.replaceAll("/", "\\/").replaceAll("v", "\\x76").replaceAll("c", "\\u0063");
  }
}
