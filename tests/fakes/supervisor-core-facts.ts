import { selfInfo, SLUG, type SupervisorState } from "./supervisor-state.ts";

// What Core asks at its start, and for its own pages: homeassistant/components/hassio of github.com/home-assistant/core, and the fields that its
// library aiohasupervisor 0.8 insists on (aiohasupervisor/models of github.com/home-assistant-libs/python-supervisor-client).

const VERSION = "2026.08.0";
const CORE = "2026.11.0";

export const supervisorInfo = {
  version: VERSION,
  version_latest: VERSION,
  update_available: false,
  channel: "stable",
  arch: "amd64",
  supported: true,
  healthy: true,
  ip_address: "172.30.32.2",
  timezone: "Europe/Berlin",
  logging: "info",
  debug: false,
  debug_block: false,
  diagnostics: null,
  auto_update: true,
  country: null,
  detect_blocking_io: false,
  feature_flags: {},
  addons_repositories: [],
} as const;

const rootInfo = {
  supervisor: VERSION,
  homeassistant: CORE,
  hassos: "17.3",
  docker: "28.3.3",
  hostname: "homeassistant",
  operating_system: "Home Assistant OS 17.3",
  features: [
    "reboot",
    "shutdown",
    "services",
    "network",
    "hostname",
    "timedate",
    "os_agent",
    "haos",
    "resolved",
    "journal",
    "disk",
    "mount",
  ],
  machine: "generic-x86-64",
  machine_id: "0123456789abcdef0123456789abcdef",
  arch: "amd64",
  state: "running",
  supported_arch: ["amd64"],
  supported: true,
  channel: "stable",
  logging: "info",
  timezone: "Europe/Berlin",
} as const;

const coreInfo = {
  version: CORE,
  version_latest: CORE,
  update_available: false,
  machine: "generic-x86-64",
  ip_address: "172.30.32.1",
  arch: "amd64",
  image: "homeassistant",
  boot: true,
  port: 8123,
  ssl: false,
  watchdog: true,
  audio_input: null,
  audio_output: null,
  backups_exclude_database: false,
  duplicate_log_file: false,
} as const;

const osInfo = {
  version: "17.3",
  version_latest: "17.3",
  version_pending: null,
  update_available: false,
  board: "generic-x86-64",
  boot: "A",
  data_disk: "disk",
  boot_slots: { A: { state: "booted", status: "good", version: "17.3" } },
} as const;

const hostInfo = {
  agent_version: "1.8.0",
  apparmor_version: "3.1.2",
  chassis: "server",
  virtualization: "",
  cpe: null,
  deployment: "production",
  disk_free: 20.5,
  disk_total: 32,
  disk_used: 11.5,
  disk_life_time: null,
  features: rootInfo.features,
  hostname: "homeassistant",
  llmnr_hostname: "homeassistant",
  kernel: "6.12.43-haos",
  operating_system: rootInfo.operating_system,
  timezone: "Europe/Berlin",
  dt_utc: "2026-11-01T12:00:00+00:00",
  dt_synchronized: true,
  use_ntp: true,
  startup_time: 8.5,
  boot_timestamp: 1_790_000_000_000_000,
  broadcast_llmnr: true,
  broadcast_mdns: true,
} as const;

/** The data of the answer to `METHOD /path`; undefined where Core asks for something that is not here. */
export function answerToCore(state: SupervisorState, call: string): unknown {
  const { ingress_panel: isShown } = selfInfo(state, "");
  switch (call) {
    case "GET /info":
      return rootInfo;
    case "GET /core/info":
    case "GET /homeassistant/info":
      return coreInfo;
    case "GET /os/info":
      return osInfo;
    case "GET /host/info":
      return hostInfo;
    case "GET /store":
      return { addons: [], repositories: [] };
    case "GET /mounts":
      return { default_backup_mount: null, mounts: [] };
    case "GET /discovery":
      return { discovery: [] };
    case "GET /resolution/info":
      return { suggestions: [], unsupported: [], unhealthy: [], issues: [], checks: [] };
    case "GET /jobs/info":
      return { ignore_conditions: [], jobs: [] };
    case "GET /backups/info":
      return { backups: [], days_until_stale: 30 };
    case "GET /backups":
      return { backups: [] };
    case "GET /available_updates":
      return { available_updates: [] };
    case "GET /ingress/panels":
      return { panels: { [SLUG]: { title: "Camera Shepherd", icon: "mdi:cctv", admin: true, enable: isShown } } };
    default:
      return undefined;
  }
}
