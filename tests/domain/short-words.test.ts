import { expect, it } from "vitest";
import { saidWords, shortened } from "../../src/domain/short-words.ts";

it("cuts a text that is too long, and shows it", () => {
  expect(shortened("four", 4)).toBe("four");
  expect(shortened("fives", 4)).toBe("five…");
});

it("puts what a server said on one line", () => expect(saidWords(" yaml:\n  line 3:\tbad \n", 40)).toBe("yaml: line 3: bad"));

it("shows no part of a password, wherever the words are cut", () => {
  const text = `cannot read rtsp://admin:canary@192.0.2.7/stream1 ${"and more ".repeat(50)}`;
  for (let most = 1; most < 80; most += 1) {
    const words = saidWords(text, most);
    expect(words.length).toBeLessThanOrEqual(most);
    expect(words).not.toMatch(/admin|:can/);
  }
});

it("shows no part of a password that stands far off, behind blanks or behind what is masked itself", () => {
  for (let blanks = 0; blanks < 60; blanks += 1)
    for (const far of [390, 3990]) {
      const words = saidWords(`<p>${" ".repeat(far - blanks)}rtsp://admin:canary@192.0.2.7/stream1 ${"and more ".repeat(600)}`, 40);
      expect(words).not.toMatch(/admin|:can/);
    }
  const masked = `rtsp://admin:${"x".repeat(360)}@192.0.2.7/1 rtsp://admin:canary@192.0.2.8/1`;
  for (let more = 0; more < 30; more += 1) expect(saidWords(`${"y".repeat(more)} ${masked}`, 40)).not.toMatch(/admin|:can/);
});

it("reads no endless answer", () => expect(saidWords("a".repeat(10_000_000), 200)).toHaveLength(200));
