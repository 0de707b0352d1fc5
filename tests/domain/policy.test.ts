import { describe, expect, it } from "vitest";
import { parseIp, type IpAddress } from "../../src/domain/addresses.ts";
import { instant, minutes, seconds, type Instant } from "../../src/domain/duration.ts";
import {
  DEFAULT_GUARDS,
  loginOutcome,
  mayAsk,
  mayLogin,
  maySweep,
  maySwitch,
  NO_SWEEPS,
  noteLogin,
  noteSweep,
  type LoginAttempt,
  type LoginState,
  type SweepState,
  type SwitchState,
} from "../../src/domain/policy.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? expect.unreachable();
const A = ip("192.168.1.50");
const B = ip("192.168.1.77");
const at = (minute: number): Instant => instant(minutes(minute));
const moves = (...list: readonly (readonly [IpAddress, number])[]): SwitchState["switches"] =>
  list.map(([to, minute]) => ({ to, at: at(minute) }));
const no = (span: number): object => ({ ok: false, after: span });

describe("flip-flops", () => {
  const pingPong = moves([B, 0], [A, 1], [B, 2], [A, 3], [B, 4]);

  it("freeze the device for an hour from the fourth return", () => {
    expect(maySwitch({ switches: pingPong.slice(0, 4), origin: A }, at(5))).toEqual({ ok: true });
    expect(maySwitch({ switches: pingPong, origin: A }, at(5))).toEqual(no(minutes(59)));
    expect(maySwitch({ switches: pingPong, origin: A }, at(63))).toEqual(no(minutes(1)));
    expect(maySwitch({ switches: pingPong, origin: A }, at(64))).toEqual({ ok: true });
  });

  it("are not plain moves, however many", () => {
    const switches = Array.from({ length: 30 }, (_unused, index) => ({ to: ip(`192.168.1.${index + 1}`), at: at(index) }));
    expect(maySwitch({ switches, origin: A }, at(31))).toEqual({ ok: true });
  });

  it("are not returns to an address that was left more than an hour before", () => {
    const slow = moves([B, 0], [A, 61], [B, 122], [A, 183], [B, 244], [A, 305]);
    expect(maySwitch({ switches: slow, origin: A }, at(306))).toEqual({ ok: true });
  });

  it("are not four returns spread over more than an hour", () => {
    const spread = moves([B, 0], [A, 10], [B, 25], [A, 45], [B, 70.1]);
    expect(maySwitch({ switches: spread, origin: A }, at(71))).toEqual({ ok: true });
    expect(maySwitch({ switches: moves([B, 0], [A, 10], [B, 25], [A, 45], [B, 69]), origin: A }, at(71)).ok).toBe(false);
  });

  it("are forgiven by a person's resync", () => {
    expect(maySwitch({ switches: pingPong, origin: A, thawedAt: at(4) }, at(5))).toEqual({ ok: true });
    const more = [...pingPong, ...moves([A, 5], [B, 6], [A, 7])];
    expect(maySwitch({ switches: more, origin: A, thawedAt: at(4) }, at(8)).ok).toBe(true);
    expect(maySwitch({ switches: [...more, ...moves([B, 8])], origin: A, thawedAt: at(4) }, at(9)).ok).toBe(false);
  });

  it("count from the second return on where the first address is not known", () => {
    expect(maySwitch({ switches: pingPong }, at(5)).ok).toBe(true);
    expect(maySwitch({ switches: [...pingPong, ...moves([A, 5])] }, at(6)).ok).toBe(false);
  });
});

describe("logins", () => {
  const tried = (outcome: LoginAttempt["outcome"], minute = 0, address = A, urlDigest = "d1"): LoginAttempt => ({
    urlDigest,
    address,
    at: at(minute),
    outcome,
  });
  const ask = (state: LoginState, changes: object = {}, minute = 1): object =>
    mayLogin(state, { urlDigest: "d1", address: A, framesFlow: false, ...changes }, at(minute));

  it("are allowed once an address", () => {
    expect(ask([])).toEqual({ ok: true, permission: "allowed" });
    expect(ask([tried("accepted")])).toMatchObject({ ok: false, permission: "accepted-before" });
    expect(ask([tried("accepted")], { address: B })).toMatchObject({ ok: true });
  });

  it("are none without a password, and none while packets grow", () => {
    expect(ask([], { urlDigest: undefined })).toMatchObject({ ok: false, permission: "no-password" });
    expect(ask([], { framesFlow: true })).toMatchObject({ ok: false, permission: "frames-flow" });
  });

  it("are none after a refused one until URL or address change, however long it takes", () => {
    expect(ask([tried("refused")], {}, 100_000)).toEqual({ ok: false, permission: "backed-off", after: Infinity });
    expect(ask([tried("refused")], { address: B })).toMatchObject({ ok: true });
    expect(ask([tried("refused")], { urlDigest: "d2" })).toMatchObject({ ok: true });
  });

  it("pause for five minutes after another failure there", () => {
    expect(ask([tried("failed")], {}, 1)).toEqual({ ok: false, permission: "backed-off", after: minutes(4) });
    expect(ask([tried("failed")], {}, 5)).toMatchObject({ ok: true });
    expect(ask([tried("failed")], { address: B }, 1)).toMatchObject({ ok: true });
  });

  it("pause for fifteen seconds only where nothing answered: the camera may just be starting", () => {
    expect(ask([tried("unanswered")], {}, 0.2)).toEqual({ ok: false, permission: "backed-off", after: seconds(3) });
    expect(ask([tried("unanswered")], {}, 0.25)).toMatchObject({ ok: true });
  });

  it("are named by what the camera answered", () => {
    const readings = ["accepted", "unauthorized", "not-found", "basic-only", "no-answer"] as const;
    expect(readings.map(loginOutcome)).toEqual(["accepted", "refused", "failed", "failed", "unanswered"]);
  });

  it("pause after three refusals of one password within five minutes, wherever they were", () => {
    const refusals = [1, 2, 3].map((last) => tried("refused", 0, ip(`10.0.0.${last}`)));
    expect(ask(refusals, {}, 1)).toEqual({ ok: false, permission: "backed-off", after: minutes(4) });
    expect(ask(refusals, {}, 5)).toMatchObject({ ok: true });
    expect(ask(refusals.slice(1), {}, 1)).toMatchObject({ ok: true });
    expect(ask(refusals, { urlDigest: "d2" }, 1)).toMatchObject({ ok: true });
  });

  it("are kept one a URL and address, at most sixteen", () => {
    expect(noteLogin([tried("refused")], tried("accepted", 3))).toEqual([tried("accepted", 3)]);
    let state: LoginState = [];
    for (let last = 1; last < 40; last += 1) state = noteLogin(state, tried("failed", last, ip(`10.0.0.${last}`)));
    expect(state).toHaveLength(16);
    expect(state.at(-1)?.address).toBe("10.0.0.39");
  });
});

describe("sweeps", () => {
  const swept = (times: readonly number[], misses = 1): SweepState => ({ sweeps: times.map((time) => instant(time)), misses });

  it("go at once the first time", () => {
    expect(maySweep(NO_SWEEPS, undefined, at(0))).toEqual({ ok: true });
  });

  it.each([
    [0, 5],
    [1, 5],
    [2, 10],
    [3, 15],
    [9, 15],
  ])("after %i misses are %i minutes apart", (misses, apart) => {
    expect(maySweep(swept([0], misses), undefined, at(0))).toEqual(no(minutes(apart)));
    expect(maySweep(swept([0], misses), undefined, at(apart))).toEqual({ ok: true });
  });

  it("go after a new loss without that pause, ten seconds apart, and three in five minutes", () => {
    expect(maySweep(swept([0], 9), instant(seconds(1)), instant(seconds(4)))).toEqual(no(seconds(6)));
    expect(maySweep(swept([0], 9), instant(seconds(1)), instant(seconds(10)))).toEqual({ ok: true });
    expect(maySweep(swept([seconds(5)], 9), instant(seconds(1)), instant(seconds(20))).ok).toBe(false);
    const three = swept([0, seconds(20), seconds(40)]);
    expect(maySweep(three, instant(seconds(50)), instant(seconds(60)))).toEqual(no(minutes(4)));
    expect(maySweep(three, instant(seconds(50)), at(5))).toEqual({ ok: true });
  });

  it("are noted, bounded, and misses end with a find", () => {
    let state = NO_SWEEPS;
    for (let time = 0; time < 20; time += 1) state = noteSweep(state, instant(time), false);
    expect(state.sweeps).toHaveLength(8);
    expect(state.misses).toBe(20);
    expect(noteSweep(state, instant(30), true).misses).toBe(0);
  });
});

it("asks a MAC every ten seconds at most", () => {
  expect(mayAsk(undefined, instant(0))).toEqual({ ok: true });
  expect(mayAsk(instant(0), instant(seconds(4)))).toEqual(no(seconds(6)));
  expect(mayAsk(instant(0), instant(seconds(10)))).toEqual({ ok: true });
});

describe("a person's own limits", () => {
  it("allow more or fewer returns", () => {
    const switches = moves([B, 0], [A, 1], [B, 2]);
    expect(maySwitch({ switches, origin: A }, at(3), { ...DEFAULT_GUARDS, returnsAnHour: 1 }).ok).toBe(false);
    expect(maySwitch({ switches, origin: A }, at(3), { ...DEFAULT_GUARDS, returnsAnHour: 2 }).ok).toBe(true);
  });

  it("set the pauses of logins, sweeps and questions", () => {
    const guards = {
      ...DEFAULT_GUARDS,
      loginPause: minutes(20),
      sweepPause: minutes(8),
      sweepPauseMost: minutes(9),
      askPause: seconds(30),
    };
    const failed: LoginState = [{ urlDigest: "d1", address: A, at: at(0), outcome: "failed" }];
    expect(mayLogin(failed, { urlDigest: "d1", address: A, framesFlow: false }, at(1), guards)).toMatchObject({ after: minutes(19) });
    expect(maySweep({ sweeps: [at(0)], misses: 1 }, undefined, at(0), guards)).toEqual(no(minutes(8)));
    expect(maySweep({ sweeps: [at(0)], misses: 5 }, undefined, at(0), guards)).toEqual(no(minutes(9)));
    expect(maySweep({ sweeps: [at(0)], misses: 5 }, undefined, at(0), { ...guards, sweepPauseMost: minutes(1) })).toEqual(no(minutes(8)));
    expect(mayAsk(at(0), at(0), guards)).toEqual(no(seconds(30)));
  });
});
