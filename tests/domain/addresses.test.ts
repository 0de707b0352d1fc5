import { expect, test } from "vitest";
import { parseMac } from "../../src/domain/addresses.ts";

test.each(["0c:79:55:4b:d4:2a", "0C-79-55-4B-D4-2A", "0c79.554b.d42a", "0c79554bd42a", " c:79:55:4b:d4:2a "])(
  "%j is a device's MAC address",
  (text) => {
    expect(parseMac(text)).toBe("0c:79:55:4b:d4:2a");
  },
);

test.each([
  ["nobody's", "00:00:00:00:00:00"],
  ["everybody's", "ff:ff:ff:ff:ff:ff"],
  ["a multicast group's", "01:00:5e:00:00:01"],
  ["an IPv6 group's", "33:33:00:00:00:01"],
  ["five octets", "0c:79:55:4b:d4"],
  ["mixed separators", "0c:79-55:4b:d4:2a"],
])("%s is none: %s", (_what, text) => {
  expect(parseMac(text)).toBeUndefined();
});
