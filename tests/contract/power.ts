import { expect, it } from "vitest";
import type { PowerControl } from "../../src/ports/power.ts";

const { signal } = new AbortController();

export interface PowerScene {
  readonly power: PowerControl;
  /** A switch that is on, and a button. */
  readonly switchName: string;
  readonly buttonName: string;
  /** Resolves once the state is so. */
  until(name: string, state: "on" | "off"): Promise<void>;
}

/** What everybody does who has switches. */
export function powerContract(make: () => Promise<PowerScene>): void {
  it("tells what a switch is, switches it off and on, presses a button, and does not know what is not there", async () => {
    const { power, switchName, buttonName, until } = await make();
    expect(await power.state(switchName, signal)).toBe("on");
    await power.switchOff(switchName, signal);
    await until(switchName, "off");
    expect(await power.state(switchName, signal)).toBe("off");
    await power.switchOn(switchName, signal);
    await until(switchName, "on");
    expect(await power.state(switchName, signal)).toBe("on");
    expect(await power.state(buttonName, signal)).toBe("on");
    await power.press(buttonName, signal);
    expect(await power.state("switch.not_there", signal)).toBe("absent");
  });
}
