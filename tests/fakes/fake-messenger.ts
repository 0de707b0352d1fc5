import type { IncidentMessage } from "../../src/domain/incident-message.ts";
import { type Messenger, NotifyError } from "../../src/ports/notifier.ts";

/** Keeps what it is told, and fails as long as it is asked to. */
export class FakeMessenger implements Messenger {
  readonly name: string;
  readonly place: string;
  readonly told: IncidentMessage[] = [];
  calls = 0;
  failing = 0;

  constructor(name = "ntfy.example") {
    this.name = name;
    this.place = name;
  }

  tell(message: IncidentMessage, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    this.calls += 1;
    if (this.failing > 0) {
      this.failing -= 1;
      return Promise.reject(new NotifyError("answered 500"));
    }
    this.told.push(message);
    return Promise.resolve();
  }
}
