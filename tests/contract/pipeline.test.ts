import { describe, expect, it, onTestFinished } from "vitest";
import { FluxReceiver } from "../../src/adapters/flux/receiver.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { Secret } from "../../src/config/secret.ts";
import type { Pipeline } from "../../src/ports/pipeline.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakePipeline } from "../fakes/fake-pipeline.ts";
import { fluxReceiver } from "../fakes/flux-receiver.ts";

const TOKEN = "canary-receiver-token";
const never = (): AbortSignal => new AbortController().signal;

function receiverAt(url: string, token = TOKEN): FluxReceiver {
  return new FluxReceiver({ url: new Secret(url), token: new Secret(token), clock: createSystemClock() });
}

interface Made {
  readonly pipeline: Pipeline;
  readonly asked: () => number;
  suspend(): void;
}

const ways: Readonly<Record<string, () => Promise<Made>>> = {
  "the fake": () => {
    const pipeline = new FakePipeline();
    return Promise.resolve({ pipeline, asked: () => pipeline.asked, suspend: () => (pipeline.failing = "PipelineSuspended") });
  },
  "Flux's Receiver": async () => {
    const server = await fluxReceiver(TOKEN);
    onTestFinished(() => server[Symbol.asyncDispose]());
    return { pipeline: receiverAt(server.url), asked: () => server.calls.length, suspend: () => server.answer(503) };
  },
};

describe.each(Object.entries(ways))("%s, as a pipeline", (_name, make) => {
  it("is asked at each call, and says where it is without a secret", async () => {
    const { pipeline, asked } = await make();
    await pipeline.trigger(never());
    await pipeline.trigger(never());
    expect(asked()).toBe(2);
    expect(pipeline.place).not.toMatch(/hook|canary/);
  });

  it("tells whether it can be asked, and is asked at most once for that", async () => {
    const { pipeline, asked, suspend } = await make();
    await pipeline.check(never());
    expect(asked()).toBeLessThanOrEqual(1);
    suspend();
    expect(await failureOf(pipeline.check(never()))).toMatchObject({ name: "PipelineError", reason: "PipelineSuspended" });
    expect(asked()).toBeLessThanOrEqual(1);
  });

  it("throws a PipelineError where it is suspended", async () => {
    const { pipeline, asked, suspend } = await make();
    suspend();
    expect(await failureOf(pipeline.trigger(never()))).toMatchObject({ name: "PipelineError", reason: "PipelineSuspended" });
    expect(asked()).toBe(0);
  });

  it("throws the signal's reason where it is aborted before", async () => {
    const { pipeline, asked } = await make();
    expect(await failureOf(pipeline.trigger(AbortSignal.abort(new Error("over"))))).toMatchObject({ message: "over" });
    expect(asked()).toBe(0);
  });
});

describe("Flux's Receiver", () => {
  it.each([
    [413, "PipelineRefused", "413"],
    [403, "PipelineRefused", "git.receiver.token"],
    [404, "PipelineMissing", "status.webhookPath"],
    [302, "PipelineMissing", "git.receiver.url"],
    [503, "PipelineSuspended", "resume it"],
    [500, "PipelineUnreachable", "tried again"],
  ] as const)("says what to do about %i", async (status, reason, words) => {
    await using server = await fluxReceiver(TOKEN);
    server.answer(status);
    const error = await failureOf(receiverAt(server.url).trigger(never()));
    expect(error).toMatchObject({ reason, message: expect.stringContaining(words) as string });
    expect(String(error)).not.toMatch(/canary|hook\//);
  });

  it("is refused with another token, at another path, and where nobody listens", async () => {
    await using server = await fluxReceiver(TOKEN);
    const message = expect.stringContaining("git.receiver.token") as string;
    expect(await failureOf(receiverAt(server.url, "canary-other").trigger(never()))).toMatchObject({ reason: "PipelineRefused", message });
    expect(await failureOf(receiverAt(`${server.url}0`).trigger(never()))).toMatchObject({ reason: "PipelineMissing" });
    expect(await failureOf(receiverAt("http://127.0.0.1:9/hook/canary").trigger(never()))).toMatchObject({
      reason: "PipelineUnreachable",
      message: "Flux's Receiver at 127.0.0.1:9 cannot be reached (ECONNREFUSED); it is tried again",
    });
    expect(server.calls).toEqual([]);
  });

  it("is checked by a call that nobody signed, and by a signed one only where that was refused as it should be", async () => {
    await using server = await fluxReceiver(TOKEN);
    await receiverAt(server.url).check(never());
    expect(server.calls).toHaveLength(1);
    const wrong = await failureOf(receiverAt(server.url, "canary-other").check(never()));
    expect(wrong).toMatchObject({ reason: "PipelineRefused", message: expect.stringContaining("git.receiver.token") as string });
    expect(await failureOf(receiverAt(`${server.url}0`).check(never()))).toMatchObject({ reason: "PipelineMissing" });
    expect(server.calls).toHaveLength(1);
    // A Receiver of the type generic takes whatever comes.
    server.answer(200);
    const open = await failureOf(receiverAt(server.url).check(never()));
    expect(open).toMatchObject({ reason: "PipelineRefused", message: expect.stringContaining("type generic-hmac") as string });
    server.answer(500);
    expect(await failureOf(receiverAt(server.url).check(never()))).toMatchObject({ reason: "PipelineUnreachable" });
    expect(String([wrong, open])).not.toMatch(/canary|hook\//);
  });
});
