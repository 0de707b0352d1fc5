import { type Client, listen, type WebSocketServer } from "./websocket-server.ts";

interface Asked {
  readonly id: number;
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface SeenAddress {
  readonly mac_address: string;
  readonly hostname: string;
  readonly ip_address: string;
}

interface Called {
  readonly domain: string;
  readonly service: string;
  readonly service_data?: Readonly<Record<string, unknown>>;
  readonly target?: Readonly<Record<string, unknown>>;
}

/** Home Assistant's WebSocket API as Core 2026.11.0 answers it, as far as this program asks. */
export class FakeHomeAssistant {
  readonly token = "canary-home-assistant";
  /** The table of its DHCP discovery. */
  readonly seen: SeenAddress[] = [];
  /** Its device registry. */
  devices: unknown[] = [];
  readonly states = new Map<string, string>();
  readonly notifications = new Map<string, { readonly title: string; readonly message: string }>();
  readonly called: Called[] = [];
  /** Logins that were tried, refused ones too. */
  logins = 0;
  /** Whether the token is an administrator's. */
  admin = true;
  refuses = false;
  /** For how long its integrations were set up; undefined: it does not say. */
  setUp: readonly { readonly domain: string; readonly seconds: number }[] | undefined = [
    { domain: "persistent_notification", seconds: 0.000123456789 },
    { domain: "mqtt", seconds: 1.5 },
    { domain: "http", seconds: 0.123456789012 },
  ];
  /** Says nothing to any command. */
  silent = false;
  readonly #subscribers = new Map<Client, Map<number, string>>();
  #server: WebSocketServer | undefined;

  get url(): string {
    return `http://127.0.0.1:${String(this.#server?.port ?? 1)}`;
  }

  async start(): Promise<this> {
    this.#server = await listen(
      "/api/websocket",
      (text, client) => this.#hear(JSON.parse(text) as Asked, client),
      (client) => client.send('{"type":"auth_required","ha_version":"2026.11.0"}'),
    );
    return this;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#server?.clients.size ?? 0;
  }

  /** As a restart of Core: notifications are gone with it. */
  restart(): void {
    this.notifications.clear();
    this.setUp = this.setUp?.map(({ domain, seconds }) => ({ domain, seconds: seconds * 1.01 }));
    this.cut();
  }

  /** Connections are lost, and nothing else. */
  cut(): void {
    for (const client of this.#server?.clients ?? []) client.cut();
  }

  /** It sees a device at an address: one event to whoever subscribed. */
  see(entry: SeenAddress): void {
    this.seen.push(entry);
    this.tell("dhcp/subscribe_discovery", { add: [entry] });
  }

  /** Sends an event to every subscriber of the command. */
  tell(type: string, event: unknown): void {
    for (const [client, subscriptions] of this.#subscribers)
      for (const [id, subscribed] of subscriptions) if (subscribed === type) client.send(JSON.stringify({ id, type: "event", event }));
  }

  /** Sends any text to every client. */
  say(text: string): void {
    for (const client of this.#server?.clients ?? []) client.send(text);
  }

  #hear(asked: Asked, client: Client): void {
    if (asked.type === "auth") {
      this.logins += 1;
      if (this.refuses || asked["access_token"] !== this.token) {
        client.send('{"type":"auth_invalid","message":"Invalid access token or password"}');
        client.close();
      } else client.send('{"type":"auth_ok","ha_version":"2026.11.0"}');
      return;
    }
    if (this.silent) return;
    const answer = (result: unknown): void => client.send(JSON.stringify({ id: asked.id, type: "result", success: true, result }));
    const refuse = (code: string, message: string): void =>
      client.send(JSON.stringify({ id: asked.id, type: "result", success: false, error: { code, message } }));
    switch (asked.type) {
      case "ping":
        client.send(JSON.stringify({ id: asked.id, type: "pong" }));
        return;
      case "auth/current_user":
        answer({ id: "1", name: "Camera Shepherd", is_owner: false, is_admin: this.admin, credentials: [], mfa_modules: [] });
        return;
      case "dhcp/subscribe_discovery":
        if (!this.admin) return refuse("unauthorized", "Unauthorized");
        this.#subscribe(asked, client);
        answer(null);
        client.send(JSON.stringify({ id: asked.id, type: "event", event: { add: this.seen } }));
        return;
      case "config/device_registry/list":
        answer(this.devices);
        return;
      case "persistent_notification/get":
        answer([...this.notifications].map(([id, note]) => ({ notification_id: id, created_at: "2026-11-27T09:00:00+00:00", ...note })));
        return;
      case "integration/setup_info":
        if (this.setUp === undefined) return refuse("unknown_command", "Unknown command.");
        answer(this.setUp);
        return;
      case "call_service":
        this.#call(asked as unknown as Called);
        answer({ context: { id: "01", parent_id: null, user_id: "1" }, response: null });
        return;
      case "subscribe_entities": {
        answer(null);
        const [name = ""] = asked["entity_ids"] as readonly string[];
        const state = this.states.get(name);
        const event = { a: state === undefined ? {} : { [name]: { s: state, a: {}, c: "01", lc: 1 } } };
        client.send(JSON.stringify({ id: asked.id, type: "event", event }));
        return;
      }
      case "unsubscribe_events":
        answer(null);
        return;
      default:
        refuse("unknown_command", "Unknown command.");
    }
  }

  /** As a switch does; a name that is not there is no error (home-assistant/core: homeassistant/helpers/service.py warns in the log). */
  #switch(service: string, name: string): void {
    if (this.states.has(name)) this.states.set(name, service === "turn_off" ? "off" : "on");
  }

  #call({ domain, service, service_data: data = {}, target }: Called): void {
    this.called.push({ domain, service, service_data: data, ...(target === undefined ? {} : { target }) });
    if (domain === "switch") this.#switch(service, String(target?.["entity_id"]));
    const id = String(data["notification_id"]);
    if (domain === "persistent_notification" && service === "dismiss") this.notifications.delete(id);
    if (domain === "persistent_notification" && service === "create")
      this.notifications.set(id, { title: String(data["title"]), message: String(data["message"]) });
  }

  #subscribe({ id, type }: Asked, client: Client): void {
    const subscriptions = this.#subscribers.get(client) ?? new Map<number, string>();
    this.#subscribers.set(client, subscriptions.set(id, type));
  }
}
