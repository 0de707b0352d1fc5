import type { CommandName } from "./arguments.ts";

const APPROVE = `camera-shepherd approve [ID] [--config FILE] [--json]
                        [--log-level LEVEL]

Where frigate.approve is true, nothing is written that nobody approved. Shows
what waits, and has it written where ID names it, or where it is the only one.
Exactly that change is written, and only while it is still what would be
written; else it is refused, and what would be written now is proposed anew.

A camera-shepherd that runs does it within a second. Where none runs, this
command looks at every camera once and does it itself.

Example
  camera-shepherd approve 3f9a1c07 --config /etc/camera-shepherd.yaml

Exit codes
  0   written, or nothing waits
  1   failed for now: the camera is not proved just now, no answer
  2   a person must act: several wait, or the change is not the same any more
  64  wrong usage or options
`;

const UNDO = `camera-shepherd undo [TARGET] [--to ID] [--list] [--print [--reveal]]
                     [--config FILE] [--json] [--log-level LEVEL]

Puts a document back to what it was before the last change, and go2rtc with
it; only while the document is exactly what was written. The cameras are then
not healed to the undone addresses again before you run resync, or the
document says something else of them. TARGET is the name of the document's
entry in the options (frigate); without it, the one that was changed last.

  --list    show the kept texts, the newest first; changes nothing
  --to ID   go back to before that change; with --print, show that text
  --print   print the kept text instead; changes nothing
  --reveal  print it with passwords. Without it they read ***

Examples
  camera-shepherd undo --config /etc/camera-shepherd.yaml
  camera-shepherd undo frigate --to 12 --print --reveal

Exit codes
  0   put back, or shown
  1   failed for now: no answer
  2   a person must act: there is nothing to undo, or the document was edited
  64  wrong usage or options
`;

const RESYNC = `camera-shepherd resync [CAMERA] [--config FILE] [--json]
                       [--log-level LEVEL]

Has everything looked at again, or one camera. Addresses that were held back,
because a person undid a change or no video came from there, are tried again.
Says what was healed and what is missing, or after ten seconds what the
running program still does: that goes on.

Example
  camera-shepherd resync front --config /etc/camera-shepherd.yaml

Exit codes
  0   it is looked at again
  1   failed for now: the running camera-shepherd did not answer
  64  no such camera, wrong usage or options
`;

const RECONNECT = `camera-shepherd reconnect CAMERA [--force] [--config FILE]
                          [--json] [--log-level LEVEL]

Has go2rtc connect the camera's streams anew, at the address where the camera
was proved to be. A stream that delivers video to somebody is left as it is:
who watches would stay on the old connection.

Options
  --force           streams that deliver video, too

Example
  camera-shepherd reconnect front --config /etc/camera-shepherd.yaml

Exit codes
  0   go2rtc was told
  1   failed for now: the camera is not found just now, no answer
  2   a person must act: another device is at its address, or all its streams
      deliver video
  64  no such camera, wrong usage or options
`;

const FORGET = `camera-shepherd forget CAMERA [--config FILE] [--json]
                       [--log-level LEVEL]

Forgets a camera that is gone for good: its MAC addresses, what else was
learned of it, and its device in Home Assistant. Take it out of Frigate's
configuration first: a camera that still stands somewhere is refused, and the
place is named. One of the same name is learned anew.

Example
  camera-shepherd forget garden --config /etc/camera-shepherd.yaml

Exit codes
  0   forgotten
  1   failed for now: a document cannot be read, no answer
  2   a person must act: it still stands in a configuration
  64  no such camera, wrong usage or options
`;

/** Help pages of the commands that ask the running program for something. */
export const VERB_PAGES = {
  approve: APPROVE,
  undo: UNDO,
  resync: RESYNC,
  reconnect: RECONNECT,
  forget: FORGET,
} as const satisfies Partial<Record<CommandName, string>>;
