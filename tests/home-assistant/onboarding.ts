import { connectCore } from "./core-client.ts";

/** What a Core that was set up gives. */
export interface Onboarded {
  /** A long-lived token of its owner. */
  readonly token: string;
}

interface FlowField {
  readonly name: string;
  readonly type?: string;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly schema?: readonly FlowField[];
}

interface Flow {
  readonly flow_id: string;
  readonly type: "form" | "menu" | "create_entry" | "abort";
  readonly data_schema?: readonly FlowField[];
  readonly errors?: Readonly<Record<string, string>> | null;
  readonly reason?: string;
}

/** Makes the owner's account, as the first page of a new Home Assistant does, and a token that lasts. */
export async function onboard(url: string): Promise<Onboarded> {
  const client = `${url}/`;
  const owner = { client_id: client, name: "Owner", username: "owner", password: `canary-${crypto.randomUUID()}`, language: "en" };
  const made = await post(`${url}/api/onboarding/users`, JSON.stringify(owner), "application/json");
  const form = new URLSearchParams({ grant_type: "authorization_code", code: String(made["auth_code"]), client_id: client });
  const first = await post(`${url}/auth/token`, form.toString(), "application/x-www-form-urlencoded");
  await using core = await connectCore(url, String(first["access_token"]));
  const token = await core.command<string>("auth/long_lived_access_token", { client_name: "tests", lifespan: 365 });
  return { token };
}

/** Adds the MQTT integration with that broker, as a person does on the page of integrations. */
export async function addMqtt(
  rest: (method: "POST", path: string, body: unknown) => Promise<Flow>,
  broker: { readonly port: number; readonly username: string; readonly password: string },
): Promise<void> {
  const flows = "/api/config/config_entries/flow";
  let flow = await rest("POST", flows, { handler: "mqtt", show_advanced_options: false });
  // Under a Supervisor it first asks whether to install a broker.
  if (flow.type === "menu") flow = await rest("POST", `${flows}/${flow.flow_id}`, { next_step_id: "broker" });
  const answers: Record<string, unknown> = { broker: "127.0.0.1", ...broker };
  for (const { name, type, schema } of flow.data_schema ?? []) {
    if (type !== "expandable") continue;
    const required = (schema ?? []).filter((field) => field.required === true);
    answers[name] = Object.fromEntries(
      required.map((field) => [field.name, field.default ?? (field.name === "set_ca_cert" ? "off" : false)]),
    );
  }
  const done = await rest("POST", `${flows}/${flow.flow_id}`, answers);
  if (done.type !== "create_entry") throw new Error(`the MQTT integration was not added: ${JSON.stringify(done).slice(0, 500)}`);
}

async function post(url: string, body: string, type: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(url, { method: "POST", body, headers: { "content-type": type }, signal: AbortSignal.timeout(30_000) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}
