import type { Options } from "../config/options.ts";
import type { EngineLimits } from "../reconcilers/engine-limits.ts";

/** The bounds that a person may change, as the options have them. */
export function limitsOf({ limits }: Pick<Options, "limits">): EngineLimits {
  const { verify, frames, returns_an_hour: returnsAnHour, login_pause: loginPause, ask_pause: askPause } = limits;
  const { sweep_pause: sweepPause, sweep_pause_most: sweepPauseMost } = limits;
  const { restart_pause: pause, restarts_a_day: aDay, restart_quiet: quiet, restart_wait: wait } = limits;
  const guards = { returnsAnHour, loginPause, sweepPause, sweepPauseMost, askPause };
  return {
    guards,
    verify,
    frames,
    restarts: { pause, aDay, quiet, wait },
    power: { after: limits.power_after, pause: limits.power_pause },
  };
}
