import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskCredentials } from "../../src/domain/mask.ts";
import { PLACES, PLAIN } from "./mask-places.ts";

const CANARY = "canary";
const simple = fc.stringMatching(/^[A-Za-z0-9]{0,8}$/).map((end) => `${CANARY}${end}${CANARY}`);
/** As people choose them; `#`, quotes and blanks in some places are tests of their own. */
const chosen = fc.stringMatching(/^[A-Za-z0-9!$*+,.:=@^_~%-]{0,8}$/).map((middle) => `${CANARY}${middle}${CANARY}`);
const around = fc.constantFrom<readonly [string, string]>(
  ["", ""],
  ["    - ", ""],
  ["    - ", " # the front door"],
  ["go2rtc answered 400 to ", ""],
  ["stream front: ", " (2 sources)"],
);

describe("a credential comes out nowhere, and everything else stays", () => {
  test.each(PLACES.map((place) => [place.text, place] as const))("%s", (_, place) => {
    fc.assert(
      fc.property(place.simple === true ? simple : chosen, around, (secret, [before, after]) => {
        const masked = maskCredentials(before + place.text.replaceAll("•", () => secret) + after);
        expect(masked).not.toContain(CANARY);
        expect(masked).toBe(before + (place.masked ?? place.text.replaceAll("•", "***")) + after);
        expect(maskCredentials(masked)).toBe(masked);
      }),
      { numRuns: 60 },
    );
  });

  test.each(PLAIN)("%s", (text) => {
    expect(maskCredentials(text)).toBe(text);
  });

  test("in JSON too", () => {
    for (const place of PLACES) {
      const masked = maskCredentials(JSON.stringify({ source: place.text.replaceAll("•", CANARY + CANARY) }));
      expect(masked).not.toContain(CANARY);
    }
  });

  test("a long text without an end costs no time to speak of", () => {
    for (const part of ["a-", "user=", "--x", "Authorization: ", "rtmp://a.b/", "-u a:", "%3A%2F%2F", '"']) {
      expect(maskCredentials(part.repeat(20_000 / part.length)).length).toBeLessThan(60_000);
    }
  });
});
