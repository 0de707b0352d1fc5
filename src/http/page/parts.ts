import { createHash } from "node:crypto";
import type { Condition } from "../../domain/condition.ts";
import { nextStepOf } from "../../domain/next-step.ts";
import { reasonOf } from "../../domain/reasons.ts";
import type { CameraView } from "../../ports/home-view.ts";
import { isoTime } from "../shown.ts";
import { html, type Markup } from "./markup.ts";

/** What every page is made with. */
export interface PageFrame {
  /** Proves that a form was on a page of ours. */
  readonly proof: string;
  /** The page's own address, relative: its forms are sent there, and it is shown again. */
  readonly here: string;
  /** What came of the last press of a button. */
  readonly said?: Said;
}

export interface Said {
  readonly kind: "accepted" | "refused";
  readonly message: string;
}

/** A whole page. All addresses in it are relative: what stands before them is Home Assistant's, and another for each installation. */
export function page(title: string, { said }: PageFrame, head: Markup, content: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="./page.css" />
        <script src="./page.js" defer></script>
      </head>
      <body>
        <header>${head}</header>
        <div id="said" role="status" class="${said?.kind ?? ""}">${said?.message}</div>
        <main>${content}</main>
      </body>
    </html> `;
}

/** A button of its own that sends these words. */
export function button({ proof, here }: PageFrame, label: string, words: Readonly<Record<string, string>>, isMain = false): Markup {
  const fields = Object.entries({ ...words, proof }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  return html`<form method="post" action="${here}">${fields}<button class="${isMain ? "main" : ""}">${label}</button></form>`;
}

/** A point in time, which the page's script shows as the reader's clock has it. */
export function time(at: number): Markup {
  const iso = isoTime(at);
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/** A word that stands for an id in the page's addresses and its parts' ids, whatever signs the id has. */
export function placeOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 16);
}

/** A condition with what it means and what a person can do. */
export function conditionWords({ status, reason, message, since, ask }: Condition): Markup {
  const { title, severity } = reasonOf(reason);
  const nextStep = nextStepOf(reason, "page", ask);
  const look = status === "ok" ? "good" : severity === "error" ? "bad" : "warn";
  return html`<p>
    <span class="state ${look}">${title}</span> <span class="soft">since ${time(since)}</span><br />${message}${
      nextStep === "" || status === "ok" ? undefined : html`<br /><span class="soft">→ ${nextStep}</span>`
    }
  </p>`;
}

/** How a camera is, in one word and one colour. */
export function cameraState(camera: CameraView): { readonly look: "good" | "warn" | "bad"; readonly words: string } {
  const troubles = camera.conditions.filter(({ status }) => status === "problem").map(({ reason }) => reasonOf(reason));
  const worst = troubles.find(({ severity }) => severity === "error") ?? troubles[0];
  if (worst !== undefined) return { look: worst.severity === "error" ? "bad" : "warn", words: worst.title };
  if (camera.connected) return { look: "good", words: "Works" };
  return { look: "warn", words: camera.proved ? "Delivers no video" : "Not looked at yet" };
}

/** A unified diff, its lines told apart. */
export function difference(text: string): Markup {
  const lines = text.split("\n").map((line) => {
    const kind = /^(?:\+\+\+|---) /.test(line) ? "" : line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "";
    return html`<span class="${kind}">${line}</span>`;
  });
  return html`<pre>${lines}</pre>`;
}
