import { describe, expect, it } from "vitest";
import { terminalPicture } from "../script/terminal-svg.ts";

const ESC = "\u001B";

describe("a picture of a terminal", () => {
  it("has each word group at its column, in its colour", () => {
    const picture = terminalPicture(`a  ${ESC}[1m${ESC}[32mbold green${ESC}[39m${ESC}[22m then\n${ESC}[2mfaint${ESC}[22m\n`, "t");
    expect(picture).toContain('<tspan x="16.0" textLength="7.8">a</tspan>');
    expect(picture).toContain('<tspan x="39.4" textLength="78.0" fill="#7ee787" font-weight="bold">bold green</tspan>');
    expect(picture).toContain('<tspan x="125.2" textLength="31.2">then</tspan>');
    expect(picture).toMatch(/<text y="47"><tspan [^>]*fill="#8b949e">faint</);
  });

  it("keeps every character, and lets none be taken for markup", () => {
    const picture = terminalPicture("<b> & · → │\n", "1 < 2 & so on");
    expect(picture).toContain(">&lt;b&gt; &amp; · → │</tspan>");
    expect(picture).toContain("<title>1 &lt; 2 &amp; so on</title>");
  });

  it("leaves out what script(1) adds, blank lines around, and sequences that are no colour", () => {
    const picture = terminalPicture(
      `Script started on Friday\r\n\r\n${ESC}[?25l${ESC}]0;title\u0007one\r\n\r\ntwo\r\n\r\nScript done on Friday\r\n`,
      "t",
    );
    expect([...picture.matchAll(/>([^<>\n]+)<\/tspan>/g)].map(([, text]) => text)).toEqual(["one", "two"]);
    expect(picture).toContain('height="86"');
  });
});
