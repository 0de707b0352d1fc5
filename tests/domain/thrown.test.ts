import { expect, it } from "vitest";
import { asError, codeOf } from "../../src/domain/thrown.ts";

it("makes an error of whatever was thrown", () => {
  const error = new TypeError("as it is");
  expect(asError(error)).toBe(error);
  expect(asError("a word")).toEqual(new Error("a word"));
});

it.each([
  [Object.assign(new Error("refused"), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
  [Object.assign(new Error("a packet's"), { code: 128 }), undefined],
  [new Error("none"), undefined],
  [{ code: "ENOENT" }, undefined],
])("reads the code of %s", (thrown, code) => expect(codeOf(thrown)).toBe(code));
