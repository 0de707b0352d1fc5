import type { EvidenceRecord } from "../../domain/evidence.ts";
import { isReason, REASONS } from "../../domain/reasons.ts";
import type { Verb } from "../../ports/actions.ts";
import type { CameraView } from "../../ports/home-view.ts";
import { cameraButtons } from "./home-page.ts";
import { html, type Markup } from "./markup.ts";
import { cameraState, conditionWords, page, type PageFrame, placeOf, time } from "./parts.ts";

const VERDICTS: Readonly<Record<EvidenceRecord["verdict"], string>> = {
  verified: "It is the camera",
  rejected: "Refused",
  kept: "Left as it is",
  frozen: "Held back",
  quarantined: "Parked",
};

/** One camera with all that is known of it, and why addresses were accepted or refused. */
export function cameraPage(camera: CameraView, evidence: readonly EvidenceRecord[], verbs: ReadonlySet<Verb>, frame: PageFrame): Markup {
  const { look, words } = cameraState(camera);
  const { title, id, address, configured, macs, history, streams, endpoint, realm } = camera;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Address", address],
    ["In configurations", configured.join(", ")],
    ["Earlier addresses", history.join(", ")],
    ["MAC", macs.join(", ")],
    ["Streams", streams.join(", ")],
    ["ONVIF endpoint", endpoint],
    ["RTSP realm", realm],
    ["Id", id],
  ];
  const shown = facts.filter(([, value]) => value !== undefined && value !== "");
  const content = html`<p class="state ${look}">${words}</p>
    ${camera.conditions.map(conditionWords)}
    <dl>
      ${shown.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${cameraButtons(camera, verbs, frame)} ${verbs.has("adopt") && isLearned(camera) ? replacement(camera, frame) : undefined}
    <h2>Why addresses were accepted or refused</h2>
    ${
      evidence.length === 0
        ? html`<p class="soft">Nothing was decided yet.</p>`
        : html`<ul class="cards">
            ${evidence.map(record)}
          </ul>`
    }`;
  return page(
    `${title} – Camera Shepherd`,
    frame,
    html`<h1>${title}</h1>
      <p><a href="./">All cameras</a></p>`,
    content,
  );
}

function isLearned({ macs, endpoint, realm }: CameraView): boolean {
  return macs.length > 0 || endpoint !== undefined || realm !== undefined;
}

/** Opened, filled in and ticked by a person: which device it is now is never guessed. */
function replacement({ id, macs }: CameraView, { here, proof }: PageFrame): Markup {
  const place = placeOf(id);
  return html`<details id="replaced-${place}">
    <summary>Another camera took its place</summary>
    <p>
      What was learned of ${macs.length === 0 ? "the old one" : macs.join(" and ")} is dropped, and the new one is proved and learned. Its
      MAC address is on its sticker, or in the router's list.
    </p>
    <form method="post" action="${here}">
      <input type="hidden" name="verb" value="adopt" /><input type="hidden" name="camera" value="${id}" />
      <input type="hidden" name="proof" value="${proof}" />
      <input id="new-${place}" name="mac" aria-label="MAC address of the new camera" placeholder="MAC address" required maxlength="17" />
      <label><input id="sure-${place}" type="checkbox" name="replace" value="yes" required /> the old one is gone</label>
      <button>Learn the new camera</button>
    </form>
  </details>`;
}

function record({ candidate, layer, at, verdict, reason, steps, hostName }: EvidenceRecord): Markup {
  const why = isReason(reason) ? REASONS[reason].title : reason;
  const rows = steps.map(
    ({ proof, outcome, detail }) =>
      html`<tr>
        <th scope="row">${proof}</th>
        <td>${outcome}</td>
        <td>${detail}</td>
      </tr>`,
  );
  return html`<li class="card">
    <h3>${candidate}: ${VERDICTS[verdict]}</h3>
    <p>${why}</p>
    <p class="soft">${time(at)}, noticed by ${layer}${hostName === undefined ? undefined : html`, called ${hostName}`}</p>
    <table>
      ${rows}
    </table>
  </li>`;
}
