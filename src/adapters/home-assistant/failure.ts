import { shortened } from "../../domain/short-words.ts";
/** Home Assistant could not be spoken to, or refused what was asked. The message is for a person and holds no secret. */
export class HomeAssistantError extends Error {
  override readonly name = "HomeAssistantError";
  /** `unreachable`: for now. `login`: the token is refused, which only a person puts right. `refused`: what was asked. */
  readonly kind: "unreachable" | "login" | "refused";
  constructor(kind: "unreachable" | "login" | "refused", message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/**
 * What the library rejects a command with, as an error: a number of its own (`dist/errors.js`), an answer that holds one, or Home Assistant's `{code, message}`
 * (https://developers.home-assistant.io/docs/api/websocket#message-format).
 */
export function failureOf(thrown: unknown, command = "it"): Error {
  if (thrown instanceof Error) return thrown;
  if (typeof thrown === "number") return fromNumber(thrown);
  const error = fieldOf(thrown, "error") ?? thrown;
  const code = fieldOf(error, "code");
  if (typeof code === "number") return fromNumber(code);
  const said = fieldOf(error, "message");
  const words = typeof said === "string" && said !== "" ? said : "it gave no reason";
  if (code === "unauthorized") return new HomeAssistantError("refused", `only an administrator's token may ask for ${command}`);
  if (code === "unknown_command")
    return new HomeAssistantError("refused", `it does not know ${command}: the integration is not loaded there`);
  return new HomeAssistantError("refused", shortened(words, 200));
}

function fromNumber(number: number): HomeAssistantError {
  switch (number) {
    case 1:
      return new HomeAssistantError("unreachable", "it cannot be reached");
    case 2:
      return new HomeAssistantError("login", "it refuses the token");
    case 3:
      return new HomeAssistantError("unreachable", "the connection was lost");
    default:
      return new HomeAssistantError("unreachable", `the connection failed (${String(number)})`);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (Object.entries(value).find(([key]) => key === name)?.[1] as unknown) : undefined;
}
