import { keeperOf, type Keeper } from "../adapters/kubernetes/config-map-keeper.ts";
import type { Options } from "../config/options.ts";
import { type Duration, minutes, seconds } from "../domain/duration.ts";
import { type ClusterSettings, clusterApi } from "./kubernetes.ts";

/** How often it is looked whether the choice still holds, and how often while it could not be seen. */
const CALM = minutes(2);
const SOON = seconds(20);

type FrigateOption = Pick<Options["frigate"][number], "via" | "file" | "git" | "kubernetes">;

/** Which of two places of one Frigate is written, its repository or its ConfigMap, and why so. */
export interface PlaceChoice {
  readonly kind: "git" | "kubernetes";
  readonly why: string;
}

interface Chosen {
  readonly ask: (signal: AbortSignal) => Promise<Keeper>;
  readonly answer: Keeper;
}

/**
 * The repository where another program keeps the ConfigMap, which would put back what is written into it, and the ConfigMap where none does. Where that cannot
 * be seen the repository is taken: a commit is never undone.
 */
export class ChosenPlaces {
  readonly #settings: ClusterSettings;
  readonly #chosen: Chosen[] = [];

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
  }

  /** @returns undefined where the options leave no choice @throws the signal's reason when aborted */
  async choose({ via, file, git, kubernetes }: FrigateOption, signal: AbortSignal): Promise<PlaceChoice | undefined> {
    const configMap = kubernetes?.configmap;
    if (via !== "auto" || file !== undefined || git === undefined || kubernetes === undefined || configMap === undefined) return undefined;
    if (kubernetes.override) return { kind: "kubernetes", why: "kubernetes.override is set" };
    const { namespace, kubeconfig } = kubernetes;
    const api = clusterApi(kubeconfig, this.#settings);
    const ask = (stop: AbortSignal): Promise<Keeper> => keeperOf(api, { namespace, configMap }, stop);
    const answer = await ask(signal);
    this.#chosen.push({ ask, answer });
    if (answer.kind !== "nobody") return { kind: "git", why: `of the two places that are given, since ${answer.why}` };
    return { kind: "kubernetes", why: `of the two places that are given, since no other program keeps the ConfigMap` };
  }

  /** Resolves when another place is to be written now. What is seen twice in a row counts. @throws the signal's reason when aborted */
  async changed(signal: AbortSignal): Promise<void> {
    const { clock } = this.#settings;
    let isOther = false;
    for (;;) {
      const pause: Duration = isOther || this.#chosen.some(({ answer }) => answer.kind === "unseen") ? SOON : CALM;
      await clock.wait("look who keeps a ConfigMap", this.#chosen.length === 0 ? seconds(Infinity) : pause, signal);
      const wasOther = isOther;
      isOther = false;
      for (const { ask, answer } of this.#chosen) {
        const now = await ask(signal);
        isOther ||= now.kind !== "unseen" && (now.kind === "nobody") !== (answer.kind === "nobody");
      }
      if (isOther && wasOther) return;
    }
  }
}
