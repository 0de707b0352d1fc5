import { Secret } from "./secret.ts";

export interface SupervisorAddress {
  readonly url: string;
  readonly token: Secret<string>;
}

/**
 * Where Home Assistant's Supervisor is and the token that it gave this app; undefined where the program is no app of it. `SUPERVISOR` is the name and port
 * of another one, as Home Assistant Core has it (home-assistant/core, components/hassio/__init__.py).
 */
export function supervisorAddress(environment: Readonly<Record<string, string | undefined>>): SupervisorAddress | undefined {
  const token = environment["SUPERVISOR_TOKEN"] ?? "";
  if (token === "") return undefined;
  const host = environment["SUPERVISOR"] ?? "";
  return { url: `http://${/^[\w.-]+(?::\d{1,5})?$/.test(host) ? host : "supervisor"}`, token: new Secret(token) };
}
