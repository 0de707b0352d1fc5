import { HttpFrigate } from "../../../src/adapters/frigate/running-frigate.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { describeRunningFrigate } from "../../contract/running-frigate.ts";
import { FakeFrigate } from "../../fakes/fake-frigate/fake-frigate.ts";
import { FRIGATE_VERSIONS } from "../../fakes/fake-frigate/versions.ts";
import { clientAt } from "./frigates.ts";

for (const version of FRIGATE_VERSIONS) {
  const minor = Number(version.split(".")[1]);
  describeRunningFrigate(`Frigate ${version} by HTTP`, { live: minor >= 18, safeMode: minor >= 17 }, async (text) => {
    const fake = new FakeFrigate({ version, text });
    await fake.start();
    return {
      frigate: new HttpFrigate("frigate" as TargetName, clientAt(fake.url)),
      edit: (next) => fake.edit(next),
      get text() {
        return fake.text;
      },
      stop: () => fake.stop(),
    };
  });
}
