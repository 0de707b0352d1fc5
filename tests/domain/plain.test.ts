import { expect, it } from "vitest";
import { list, plain, plains, readJson, readYaml } from "../../src/domain/plain.ts";

it.each([null, undefined, 7, "text", [], ["a"]])("takes %j for an empty object", (value) => expect(plain(value)).toEqual({}));

it("takes an object and a list as they are", () => {
  expect(plain({ a: 1 })).toEqual({ a: 1 });
  expect(list([1, null])).toEqual([1, null]);
  expect(plains([{ a: 1 }, null, "text"])).toEqual([{ a: 1 }, {}, {}]);
});

it.each([null, undefined, 7, "text", { length: 1 }])("takes %j for an empty list", (value) => {
  expect(list(value)).toEqual([]);
  expect(plains(value)).toEqual([]);
});

it("reads a text, and nothing where it is none", () => {
  expect(readJson('{"a": [1]}')).toEqual({ a: [1] });
  expect(readJson("")).toBeUndefined();
  expect(readJson("{a: 1}")).toBeUndefined();
  expect(readYaml("\u{feff}a: yes\n")).toEqual({ a: true });
  expect(readYaml("a: [")).toBeUndefined();
});
