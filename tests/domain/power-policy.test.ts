import { describe, expect, it } from "vitest";
import { hours, instant, minutes, seconds } from "../../src/domain/duration.ts";
import { DEFAULT_POWER, mayCycle, type PowerQuestion } from "../../src/domain/power-policy.ts";

const NOW = instant(1_000_000_000);
const ago = (span: number) => instant(NOW - span);
const other = (isGone: boolean, isOnSwitch = false) => ({ isGone, isOnSwitch });
const GONE: PowerQuestion = {
  now: NOW,
  goneFor: minutes(10),
  flow: "dead",
  repairs: 1,
  candidates: 0,
  lastCycle: undefined,
  lastMove: undefined,
  others: [other(false)],
  isNetworkUp: false,
};
const ask = (question: Partial<PowerQuestion>) => mayCycle({ ...GONE, ...question }, DEFAULT_POWER);

describe("the power of a camera", () => {
  it("is cycled where it has answered nowhere for ten minutes and repairs did not help", () => {
    expect(ask({})).toEqual({ ok: true });
    expect(ask({ flow: "unknown", repairs: 0 })).toEqual({ ok: true });
  });

  it.each([
    ["answers", { goneFor: undefined }, undefined],
    ["delivers video", { flow: "live" }, undefined],
    ["has been away for less", { goneFor: minutes(4) }, minutes(6)],
    ["was not repaired yet", { repairs: 0 }, undefined],
    ["was sighted at another address", { candidates: 1 }, undefined],
    ["had its power cycled within the hour", { lastCycle: ago(minutes(59)) }, minutes(1)],
    ["had its power cycled in what a clock calls the future", { lastCycle: instant(NOW + hours(9)) }, hours(1)],
    ["belongs to a home where a camera has just moved", { lastMove: ago(seconds(30)) }, seconds(90)],
    ["shares its switch with one that answers", { others: [other(false, true)] }, undefined],
    ["is one of two that are both away", { others: [other(true)] }, undefined],
    ["is alone, where nothing proves that the network is up", { others: [] }, undefined],
    ["shares its switch with all others, where nothing proves that the network is up", { others: [other(true, true)] }, undefined],
    ["is one of most that are away", { others: [other(true), other(true), other(false)] }, undefined],
  ] as const)("that %s is left", (_what, question, after) => {
    const verdict = ask(question);
    expect(verdict.ok).toBe(false);
    expect(verdict.ok ? undefined : verdict.after).toBe(after);
  });

  it("is cycled again after an hour, and not sooner whatever the options say", () => {
    expect(ask({ lastCycle: ago(hours(1)) })).toEqual({ ok: true });
    expect(mayCycle({ ...GONE, lastCycle: ago(minutes(30)) }, { after: minutes(2), pause: minutes(5) }).ok).toBe(false);
  });

  it("is cycled where all on its switch are away, and where a camera or two are", () => {
    expect(ask({ others: [other(true, true), other(false), other(false)] })).toEqual({ ok: true });
    expect(ask({ others: [other(true), other(false)] })).toEqual({ ok: true });
    expect(ask({ others: [], isNetworkUp: true })).toEqual({ ok: true });
    expect(ask({ others: [other(true, true)], isNetworkUp: true })).toEqual({ ok: true });
  });
});
