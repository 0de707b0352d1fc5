import { describe, expect, test } from "vitest";
import { maskCredentials } from "../../src/domain/mask.ts";
import { maskDocument } from "../../src/domain/mask-document.ts";

describe("credentials of URLs", () => {
  test.each([
    ["rtsp://viewer:canary@192.168.1.10/live", "rtsp://***@192.168.1.10/live"],
    ["rtsp://viewer:c@n:a/r#y?@192.168.1.10:554/live", "rtsp://***@192.168.1.10:554/live"],
    ["rtsp://viewer:can'ary@192.168.1.10/live", "rtsp://***@192.168.1.10/live"],
    ['rtsp://viewer:can"ary<>@192.168.1.10/live', "rtsp://***@192.168.1.10/live"],
    ["rtsp://viewer:can ary@192.168.1.10/live", "rtsp://***@192.168.1.10/live"],
    ["rtsp://viewer@192.168.1.10/live", "rtsp://***@192.168.1.10/live"],
    ["tapo://canary@192.168.1.10", "tapo://***@192.168.1.10"],
    ["rtsp://192.168.1.10/live", "rtsp://192.168.1.10/live"],
    [
      "rtsp://192.168.1.10:554/user=admin_password=canary_channel=1_stream=0.sdp?real_stream",
      "rtsp://192.168.1.10:554/user=***_password=***_channel=1_stream=0.sdp?real_stream",
    ],
    ["rtsp://192.168.1.10/user=admin&password=can/ary&channel=1&stream=0.sdp?", "rtsp://192.168.1.10/user=***"],
    ["http://192.168.1.10/snapshot?usr=viewer&pw=canary&psw=canary", "http://192.168.1.10/snapshot?usr=***&pw=***&psw=***"],
    ["http://192.168.1.10:80/a b", "http://192.168.1.10:80/a b"],
    ["ffmpeg:rtsp://viewer:canary@192.168.1.10/live#video=copy", "ffmpeg:rtsp://***@192.168.1.10/live#video=copy"],
    ['["rtsp://viewer:canary@10.0.0.1/a","rtsp://viewer:canary@10.0.0.2/b"]', '["rtsp://***@10.0.0.1/a","rtsp://***@10.0.0.2/b"]'],
    ["[rtsp://viewer:canary@10.0.0.1/a,rtsp://viewer:canary@10.0.0.2/b]", "[rtsp://***@10.0.0.1/a,rtsp://***@10.0.0.2/b]"],
    [
      "http://192.168.1.10/flv?port=1935&app=bcs&stream=channel0_main.bcs&user=viewer&password=canary",
      "http://192.168.1.10/flv?port=1935&app=bcs&stream=channel0_main.bcs&user=***&password=***",
    ],
    ["http://h/flv?user=viewer&password=canary#video=copy#audio=opus", "http://h/flv?user=***&password=***#video=copy#audio=opus"],
    ["http://h/flv?password=can#ary&x=1", "http://h/flv?password=***&x=1"],
    ["http://h/flv?password=can'ary&x=1", "http://h/flv?password=***&x=1"],
    ["'http://h/flv?password=canary', 'x'", "'http://h/flv?password=***', 'x'"],
    ["http://h/?loginuse=viewer&loginpas=canary", "http://h/?loginuse=***&loginpas=***"],
    ["webrtc:https://h/api#format=milestone#username=viewer#password=canary", "webrtc:https://h/api#format=milestone#username=***"],
    ["nothing to hide: a@b.example", "nothing to hide: a@b.example"],
  ])("%s", (text, masked) => {
    expect(maskCredentials(text)).toBe(masked);
    expect(maskCredentials(masked)).toBe(masked);
  });

  test("an address after an @ in the password is hidden rather than shown", () => {
    expect(maskCredentials("http://h/flv?user=viewer&password=canary@192.168.1.99")).not.toContain("canary");
  });
});

describe("a document", () => {
  test("hides what stands under a telling key, whatever its form", () => {
    const text = `mqtt: {host: 192.168.1.5, user: canary1, password: 'canary2'}
environment_vars:
  FRIGATE_RTSP_PASSWORD: canary3 # of the cameras
  FRIGATE_FRONT: 192.168.1.10
  FRIGATE_URL: rtsp://viewer:canary4@192.168.1.10/live
go2rtc:
  rtsp: {username: &u "canary5", "password": >-
    canary6
      canary7
    }
  hass_token: |
    canary8
    canary9
genai: {api_key: canary10, model: shown}
cameras: {a: {onvif: {password: *u}, ffmpeg: {inputs: [{path: "rtsp://viewer:canary11@192.168.1.10/live"}]}}}
`.replace(">-\n    canary6\n      canary7\n    }", '"canary6\n      canary7"}');
    const masked = maskDocument(text);
    expect(masked).not.toContain("canary");
    expect(masked.split("\n")).toHaveLength(text.split("\n").length);
    for (const shown of ["host: 192.168.1.5", "FRIGATE_FRONT: 192.168.1.10", "@192.168.1.10/live", "# of the cameras", "model: shown"])
      expect(masked).toContain(shown);
  });

  test("hides it line by line where it is not valid YAML", () => {
    const masked = maskDocument(
      'mqtt:\n  user: canary1\n  "password": canary2\n  FRIGATE_X: canary3\n bad: [\n{{ x }}\nurl: rtsp://viewer:canary4@h/x\n',
    );
    expect(masked).not.toContain("canary");
    expect(masked).toContain("{{ x }}");
  });
});
