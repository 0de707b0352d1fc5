/** An installed app as the Supervisor lists it. */
export interface InstalledApp {
  readonly slug: string;
  readonly name: string;
  readonly version: string;
  state: "started" | "stopped" | "startup" | "error" | "unknown";
  /** More of GET /addons/SLUG/info, such as `ip_address`. Other apps' options are never told. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** What GET /services/mqtt tells where an app provides a broker. */
export interface BrokerAccess {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  readonly username: string;
  readonly password: string;
  readonly protocol: string;
  readonly addon: string;
}

/** What Home Assistant's own broker is offered with. */
export const MOSQUITTO: BrokerAccess = {
  host: "core-mosquitto",
  port: 1883,
  ssl: false,
  username: "addons",
  password: "canary-mqtt",
  protocol: "3.1.1",
  addon: "core_mosquitto",
};

export interface NetworkInterface {
  readonly interface: string;
  readonly type: "ethernet" | "wireless" | "vlan";
  readonly enabled: boolean;
  readonly connected: boolean;
  readonly primary: boolean;
  readonly mac: string;
  readonly ipv4: {
    readonly method: string;
    readonly address: readonly string[];
    readonly nameservers: readonly string[];
    readonly gateway: string | null;
    readonly ready: boolean;
  };
  readonly ipv6: {
    readonly method: string;
    readonly address: readonly string[];
    readonly nameservers: readonly string[];
    readonly gateway: string | null;
    readonly ready: boolean;
  };
  readonly wifi: null;
  readonly vlan: null;
}

/** What the pages of an app are made of. */
export interface AppPages {
  /** GET /store */
  store(): unknown;
  /** The picture at the path, as PNG; undefined where it is none of the app's. */
  picture(path: string): Buffer | undefined;
}

/** All that a test may set; the fields of `self` are those of GET /addons/self/info. */
export interface SupervisorState {
  /** Every request is answered with this status while it is set: 502, as long as the Supervisor starts or restarts. */
  failing: number | undefined;
  /** `hassio_api` of the app's config.yaml. */
  hassioApi: boolean;
  /** `hassio_role` of the app's config.yaml. */
  role: "default" | "homeassistant" | "manager";
  /** `homeassistant_api` of the app's config.yaml. */
  homeAssistantApi: boolean;
  /** Whether config.yaml lists the service mqtt. */
  mqttWanted: boolean;
  /** Undefined: no app provides a broker. */
  mqtt: BrokerAccess | undefined;
  network: {
    interfaces: readonly NetworkInterface[];
    docker: Readonly<Record<string, string>>;
    host_internet: boolean;
    supervisor_internet: boolean;
  };
  apps: InstalledApp[];
  self: Record<string, unknown>;
  /** A real Core, and a long-lived token of an administrator there. Undefined: it does not answer. */
  core: { readonly url: string; readonly token: string } | undefined;
  /** The one ingress session that counts. */
  ingressSession: string;
  /** The address that requests to the app's page come from; undefined: any. On Home Assistant OS 172.30.32.2. */
  ingressFrom: string | undefined;
  /** What Home Assistant's own pages show of the app and its store; undefined: an empty store. */
  pages: AppPages | undefined;
}

export const SLUG = "1a2b3c4d_camera_shepherd";

export function defaultState(): SupervisorState {
  return {
    failing: undefined,
    hassioApi: true,
    role: "default",
    homeAssistantApi: true,
    mqttWanted: true,
    mqtt: undefined,
    network: {
      interfaces: [],
      docker: { interface: "hassio", address: "172.30.32.0/23", gateway: "172.30.32.1", dns: "172.30.32.3" },
      host_internet: true,
      supervisor_internet: true,
    },
    apps: [],
    self: {},
    core: undefined,
    ingressSession: crypto.randomUUID().replaceAll("-", "").repeat(4),
    ingressFrom: undefined,
    pages: undefined,
  };
}

/** What Core insists on, too, before it shows an app's page: aiohasupervisor's InstalledAddonComplete. */
const REST_OF_INFO = {
  advanced: false,
  available: true,
  build: false,
  homeassistant: "2025.12.0",
  icon: true,
  logo: true,
  repository: "1a2b3c4d",
  stage: "stable",
  url: null,
  detached: false,
  arch: ["amd64", "aarch64"],
  documentation: true,
  changelog: true,
  long_description: null,
  apparmor: "profile",
  auth_api: false,
  docker_api: false,
  full_access: false,
  homeassistant_api: true,
  hassio_api: true,
  hassio_role: "default",
  host_pid: false,
  host_ipc: false,
  host_uts: false,
  host_dbus: false,
  signed: false,
  boot_config: "auto",
  schema: null,
  machine: [],
  privileged: [],
  stdin: false,
  gpio: false,
  usb: false,
  uart: false,
  kernel_modules: false,
  devicetree: false,
  udev: false,
  video: false,
  audio: false,
  audio_input: null,
  audio_output: null,
  startup: "services",
  services: ["mqtt:want"],
  discovery: [],
  translations: {},
  webui: null,
  devices: [],
  system_managed: false,
  system_managed_config_entry: null,
} as const;

/** GET /addons/self/info: supervisor/api/addons.py, `info`. */
export function selfInfo(state: SupervisorState, ingressToken: string): Readonly<Record<string, unknown>> {
  return {
    ...REST_OF_INFO,
    name: "Camera Shepherd",
    slug: SLUG,
    hostname: SLUG.replaceAll("_", "-"),
    dns: [`${SLUG.replaceAll("_", "-")}.local.hass.io`],
    description: "",
    state: "started",
    boot: "auto",
    version: "0.1.0",
    version_latest: "0.1.0",
    update_available: false,
    auto_update: false,
    protected: true,
    rating: 7,
    host_network: true,
    ip_address: "172.30.32.1",
    ingress: true,
    ingress_entry: `/api/hassio_ingress/${ingressToken}`,
    ingress_url: `/api/hassio_ingress/${ingressToken}/`,
    ingress_port: 62_400,
    ingress_panel: true,
    network: { "8099/tcp": null },
    network_description: {},
    watchdog: false,
    options: {},
    ...state.self,
  };
}
