import { describeRunningFrigate } from "../contract/running-frigate.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeRunningFrigate } from "./fake-running-frigate.ts";

for (const live of [false, true]) {
  describeRunningFrigate(`the fake${live ? " that takes changes live" : ""}`, { live, safeMode: true }, async (first) => {
    let text = first;
    const frigate = new FakeRunningFrigate({ text: () => text, clock: new FakeClock(), live });
    frigate.accepts = (candidate) => !candidate.includes("ffmpeg: 5");
    return {
      frigate,
      edit: (next) => void (text = next),
      get text() {
        return text;
      },
      stop: async () => frigate.end(),
    };
  });
}
