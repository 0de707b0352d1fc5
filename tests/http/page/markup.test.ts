import { describe, expect, it } from "vitest";
import { html } from "../../../src/http/page/markup.ts";

describe("html", () => {
  it("escapes what is put in, and takes markup of its own as it is", () => {
    const inner = html`<b>${`<"&'>`}</b>`;
    expect(html`<p>${inner}${[inner, inner]}${undefined}${7}</p>`.text).toBe(
      "<p><b>&lt;&quot;&amp;&#39;&gt;</b><b>&lt;&quot;&amp;&#39;&gt;</b><b>&lt;&quot;&amp;&#39;&gt;</b>7</p>",
    );
  });

  it("masks credentials, and shows signs that would act as signs", () => {
    expect(html`${"rtsp://viewer:canary-front@192.168.1.20/a?password=canary-two"}`.text).toBe("rtsp://***@192.168.1.20/a?password=***");
    expect(html`${"a\u0000b\u001b[2Jc\u202ed"}`.text).toBe("a\ufffdb\ufffd[2Jc\ufffdd");
  });
});
