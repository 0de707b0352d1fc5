import { isForPerson } from "../../domain/condition.ts";
import { reasonOf } from "../../domain/reasons.ts";
import type { Verb } from "../../ports/actions.ts";
import type { CameraView, GoneCamera, HomeView, ProposalView, WrittenView } from "../../ports/home-view.ts";
import { html, type Markup } from "./markup.ts";
import { button, cameraState, conditionWords, difference, page, type PageFrame, placeOf, time } from "./parts.ts";

const CHANGES_SHOWN = 20;

/** Everything at a glance: what waits for a person, every camera, what was written. */
export function homePage(view: HomeView, verbs: ReadonlySet<Verb>, frame: PageFrame): Markup {
  const [cameras, proposals, changes] = [view.cameras(), view.proposals(), view.changes(CHANGES_SHOWN)];
  const withCameras = new Set(cameras.flatMap(({ conditions }) => conditions.map(({ subject }) => subject)));
  const all = view.conditions().filter(({ subject }) => !withCameras.has(subject));
  const troubles = all.filter(isForPerson);
  const wrong = cameras.filter((camera) => cameraState(camera).look !== "good").length;
  const head = html`<h1>Camera Shepherd</h1>
    <p>${summary(cameras.length, wrong, proposals.length)}</p>
    ${verbs.has("resync") ? button(frame, "Look at everything again", { verb: "resync" }) : undefined}`;
  const content = html`${
      proposals.length === 0
        ? undefined
        : html`<h2>Waiting for you</h2>
            ${list(proposals.map((one) => proposal(one, verbs, frame)))}`
    }
    ${
      troubles.length === 0
        ? undefined
        : html`<h2>Needs attention</h2>
            ${list(troubles.map((one) => card(conditionWords(one))))}`
    }
    <h2>Cameras</h2>
    ${cameras.length === 0 ? html`<p>${noCameras(view)}</p>` : list(cameras.map((camera) => cameraCard(camera, verbs, frame)))}
    ${verbs.has("forget") ? goneCameras(view.gone(), frame) : undefined}
    <h2>Changes to configurations</h2>
    ${changes.length === 0 ? html`<p class="soft">None yet.</p>` : list(changes.map((one) => change(one, changes, verbs, frame)))}
    <h2>Everything else</h2>
    <details id="other">
      <summary>${all.length - troubles.length} parts are well</summary>
      ${all.filter((one) => !isForPerson(one)).map(conditionWords)}
    </details>`;
  return page("Camera Shepherd", frame, head, content);
}

function summary(count: number, wrong: number, waiting: number): string {
  const of = `${String(count)} ${count === 1 ? "camera" : "cameras"}`;
  const well = wrong === 0 ? `${of}, all well` : `${of}, ${String(wrong)} with trouble`;
  return waiting === 0 ? well : `${well}; ${String(waiting)} ${waiting === 1 ? "change waits" : "changes wait"} for you`;
}

function noCameras(view: HomeView): string {
  const [first] = view.notReady();
  return first === undefined ? "No configuration that is looked after has a camera." : first.message;
}

function list(items: readonly Markup[]): Markup {
  return html`<ul class="cards">
    ${items}
  </ul>`;
}

function card(content: Markup): Markup {
  return html`<li class="card">${content}</li>`;
}

function cameraCard(camera: CameraView, verbs: ReadonlySet<Verb>, frame: PageFrame): Markup {
  const { id, title, address, macs, verifiedAt } = camera;
  const { look, words } = cameraState(camera);
  return card(
    html`<h3><a href="./camera-${placeOf(id)}">${title}</a></h3>
      <p class="state ${look}">${words}</p>
      <dl>
        <dt>Address</dt>
        <dd>${address ?? "not known"}</dd>
        <dt>MAC</dt>
        <dd>${macs.length === 0 ? "not known" : macs.join(", ")}</dd>
        ${
          verifiedAt === undefined
            ? undefined
            : html`<dt>Proved</dt>
                <dd>${time(verifiedAt)}</dd>`
        }
      </dl>
      ${troublesOf(camera)} ${cameraButtons(camera, verbs, frame)}`,
  );
}

function troublesOf({ conditions }: CameraView): readonly Markup[] {
  return conditions.filter(({ status }) => status === "problem").map(conditionWords);
}

/** What can be asked for one camera. */
export function cameraButtons({ id, macs, conditions }: CameraView, verbs: ReadonlySet<Verb>, frame: PageFrame): Markup {
  const asked = conditions.filter(({ reason }) =>
    ["AdoptionProposed", "AdoptionUnclear", "SecondMacProposed", "AddressUnproved"].includes(reason),
  );
  const isUnknown = macs.length === 0 || asked.length > 0 || conditions.some(({ reason }) => reason === "NotLearnedYet");
  const proposed = new Set(asked.flatMap(({ ask }) => (ask?.verb === "adopt" ? (ask.devices ?? []) : [])));
  const adopt = html`<form method="post" action="${frame.here}">
    <input type="hidden" name="verb" value="adopt" /><input type="hidden" name="camera" value="${id}" />
    <input type="hidden" name="proof" value="${frame.proof}" />
    <input
      id="mac-${placeOf(id)}"
      name="mac"
      aria-label="MAC address of this camera, or its address where it has none here"
      placeholder="MAC address"
      required
      maxlength="17"
    />
    <button>This is the camera</button>
  </form>`;
  return html`<div>
    ${verbs.has("reconnect") ? button(frame, "Reconnect", { verb: "reconnect", camera: id }) : undefined}
    ${verbs.has("resync") ? button(frame, "Find now", { verb: "resync", camera: id }) : undefined}
    ${verbs.has("adopt") && isUnknown ? html`<div>${[...proposed].map((mac) => button(frame, `It is ${mac}`, { verb: "adopt", camera: id, mac }, true))}${adopt}</div>` : undefined}
  </div>`;
}

/** Cameras that are in no configuration any more. To forget one is opened first, so that no press does it by mistake. */
function goneCameras(gone: readonly GoneCamera[], frame: PageFrame): Markup | undefined {
  if (gone.length === 0) return undefined;
  return html`<h2>In no configuration any more</h2>
    ${list(
      gone.map(({ id, macs, verifiedAt }) =>
        card(
          html`<h3>${id}</h3>
            <p class="soft">${macs.join(", ")}${verifiedAt === undefined ? undefined : html`, last proved ${time(verifiedAt)}`}</p>
            <details id="gone-${placeOf(id)}">
              <summary>Forget this camera</summary>
              <p>What was learned of it is kept, should it come back. Forgotten, a camera of its name is learned anew.</p>
              ${button(frame, "Forget it for good", { verb: "forget", camera: id })}
            </details>`,
        ),
      ),
    )}`;
}

function proposal({ id, target, cameras, at, diff }: ProposalView, verbs: ReadonlySet<Verb>, frame: PageFrame): Markup {
  return card(
    html`<h3>${target}: ${cameras.join(", ")}</h3>
      <p class="soft">${reasonOf("NeedsApproval").title}, since ${time(at)}</p>
      <details id="proposal-${placeOf(id)}">
        <summary>What would be written</summary>
        ${difference(diff)}
      </details>
      ${verbs.has("approve") ? button(frame, "Approve", { verb: "approve", id }, true) : undefined}`,
  );
}

const STATES: Readonly<Record<string, string>> = {
  begun: "Written, not yet seen to work",
  kept: "Written, and it works",
  restored: "Taken back",
  abandoned: "Not finished",
};

function change(one: WrittenView, all: readonly WrittenView[], verbs: ReadonlySet<Verb>, frame: PageFrame): Markup {
  const { id, target, at, state, diff } = one;
  // Only the last change of a document can be taken back: what came before is a text that somebody may have edited since.
  const isLast = all.find((other) => other.target === target && other.state === "kept")?.id === id;
  return card(
    html`<h3>${target}</h3>
      <p class="soft">${STATES[state] ?? state}, ${time(at)}</p>
      <details id="change-${id}">
        <summary>What was written</summary>
        ${difference(diff)}
      </details>
      ${verbs.has("undo") && isLast ? button(frame, "Undo", { verb: "undo", target }) : undefined}`,
  );
}
