import type { CommandName } from "./arguments.ts";
import { VERB_PAGES } from "./help-verbs.ts";
import { EXPORT, IMPORT } from "./list-help.ts";

const OVERALL = `camera-shepherd keeps cameras working when their addresses change.

It knows each camera by its MAC address, notices when one moves, proves that
the device at the new address is the same camera, and corrects go2rtc and
Frigate's configuration.

Commands
  run      stay, watch, and heal every camera that moves
  sync     look once, heal what moved, and end: for cron
  plan     show what would be written, and touch nothing
  check    show what is found here, and what is missing
  adopt    say which device a camera is that moved before it was known
  export   print DHCP reservations of the cameras that were learned
  import   take MAC addresses of cameras from a list

  approve    write a change that waits for approval
  undo       put a document back to what it was
  resync     look at everything again, and forget what was held back
  reconnect  give a camera's streams a new connection
  forget     forget a camera that is gone for good

Begin with
  camera-shepherd check

Flags
  --config FILE      options, needed where Frigate is not found by itself;
                     one line does: frigate: {file: /opt/frigate/config.yml}
  --json             output for programs
  --log-level LEVEL  error, warn, info or debug
  --help             this page; with a command, that command's
  --version          the version

Exit codes
  0   done, or nothing to do
  1   failed for now; try again
  2   a person must act; the message says how
  64  wrong usage or options; each error is named
`;

const RUN = `camera-shepherd run [--config FILE] [--json] [--log-level LEVEL]

Watches the network and the streams until it is told to stop (Ctrl-C), and
heals every camera that moves. Nothing is written before the new address is
proved to be the same camera's. What cannot be healed is told with the next
step, and everything else goes on.

Example
  camera-shepherd run --config /etc/camera-shepherd.yaml

Exit codes
  0   stopped by a person or the system; whatever else is wrong is told, and
      tried again
  2   its own database cannot be used: the message says why
  64  wrong usage or options
`;

const SYNC = `camera-shepherd sync [--once] [--dry-run] [--config FILE] [--json]
                     [--log-level LEVEL]

Looks at every camera once, heals those that moved, and ends. For cron, or a
CronJob of Kubernetes. The first time it learns the cameras, while they answer
at the addresses that their configuration gives them.

  --once     said for clearness: sync always ends after one look
  --dry-run  find and prove, but change neither go2rtc nor a document

Example
  camera-shepherd sync --once --config /etc/camera-shepherd.yaml

Exit codes
  0   every camera is where its configuration says, or was healed
  1   failed for now: a camera answers nowhere, go2rtc is absent
  2   a person must act: a broken document, a wrong password, no permission
  64  wrong usage or options
`;

const PLAN = `camera-shepherd plan [--assume CAMERA=ADDRESS]... [--reveal]
                     [--config FILE] [--json] [--log-level LEVEL]

Shows as a diff what would be written so that the documents have the cameras'
proved addresses. Writes nothing, and asks no camera and no server.

  --assume CAMERA=ADDRESS  what would be written if that camera were there:
                           the camera by its id, its name or the address that
                           it has now; may be given several times
  --reveal                 show passwords. Without it they read ***, and the
                           diff does not apply where a line holds one

Examples
  camera-shepherd plan --assume 192.168.1.50=192.168.1.77
  camera-shepherd plan --assume front=192.168.1.77 --reveal | patch -p1 -d /

Exit codes
  0   the plan is shown, or there is nothing to do
  2   a person must act: a document cannot be read, or an address not rewritten
  64  wrong usage or options, such as a camera that is not known
`;

const CHECK = `camera-shepherd check [--rehearse CAMERA [--at ADDRESS] [--login]]
                      [--config FILE] [--json] [--log-level LEVEL]

Shows every part that the program depends on: whether it is found, in which
version, reachable and permitted; and for what is not, the next step. Changes
nothing, but makes its own database where there is none.

  --rehearse CAMERA  would it work if this camera moved? Proves it where it is,
                     shows what would be written and told, and writes nothing
  --at ADDRESS       as if it were there; else as if it were anywhere else
  --login            try its password, once; never after it was refused

Examples
  camera-shepherd check
  camera-shepherd check --rehearse front --at 192.168.1.77

Exit codes
  0   all is well
  1   something is absent for now
  2   a person must act; the next step stands beside it
  64  wrong usage or options
`;

const ADOPT = `camera-shepherd adopt [CAMERA=MAC|CAMERA=ADDRESS] [--replace]
                      [--config FILE] [--json] [--log-level LEVEL]

For a camera that had moved already when this program was installed, so that
nothing could be learned of it. Without a word: looks at every device on the
network, without a password, and shows which may be the camera. With one: takes
your word for it, proves the camera with one login, and heals it.

  CAMERA=MAC      the camera by its id, name or configured address, and the MAC
                  address of the device that it is
  CAMERA=ADDRESS  where no MAC address can be seen, such as behind a router, and
                  the camera says nothing that is its own: the address at which
                  it is. Good for one hour, once, and for that address alone
  --replace       with CAMERA=MAC: that device took the place of the camera that
                  was learned. What was learned of the old one is dropped, its
                  refused password included, and the new one is proved and
                  learned. Refused while the old one still answers and works.
                  Without it, the MAC address is one more of the same camera

Examples
  camera-shepherd adopt
  camera-shepherd adopt front=0c:79:55:4b:d4:2a
  camera-shepherd adopt front=10.9.0.9
  camera-shepherd adopt front=0c:79:55:4b:d4:2b --replace

Exit codes
  0   nothing to adopt, or the camera was healed
  1   failed for now: the camera is not found
  2   a person must act: a device waits to be confirmed, the MAC address is
      another camera's, the camera to be replaced still works, the camera
      refuses the password, no configuration could be read
  64  wrong usage, such as a camera that is not known
`;

const PAGES: Readonly<Record<CommandName, string>> = {
  run: RUN,
  sync: SYNC,
  plan: PLAN,
  check: CHECK,
  adopt: ADOPT,
  export: EXPORT,
  import: IMPORT,
  ...VERB_PAGES,
};

/** The help page of a command, or of the whole program. */
export function helpText(command?: CommandName): string {
  return command === undefined ? OVERALL : PAGES[command];
}
