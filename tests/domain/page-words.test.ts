import { expect, test } from "vitest";
import { pageWords } from "../../src/domain/page-words.ts";
import { REASONS } from "../../src/domain/reasons.ts";

test.each([
  [
    "the first change of /a.yml; camera-shepherd undo frigate takes it back",
    "the first change of /a.yml; Undo on the page Camera Shepherd takes it back",
  ],
  ["change 3f2a waits; camera-shepherd approve 3f2a writes it", "change 3f2a waits; Approve on the page Camera Shepherd writes it"],
  [
    "Where the new address is right after all, run camera-shepherd resync.",
    "Where the new address is right after all, press Look at everything again on the page Camera Shepherd.",
  ],
  [
    "If that is right: camera-shepherd adopt front=0c:79:55:4b:d4:2a",
    "If that is right: This is the camera on the page Camera Shepherd, for front with 0c:79:55:4b:d4:2a",
  ],
  ["nothing of the kind", "nothing of the kind"],
])("%s", (said, shown) => {
  expect(pageWords(said)).toBe(shown);
});

test("of the next steps only the list of kept texts, which has no button, still names a command", () => {
  const left = Object.values(REASONS).flatMap(({ nextStep }) => (/camera-shepherd \w/.test(pageWords(nextStep)) ? [nextStep] : []));
  expect(left).toEqual(["List the kept texts with camera-shepherd undo --list, and put back by hand what you need."]);
});
