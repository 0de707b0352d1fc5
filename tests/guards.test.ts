import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/**
 * How this program could break a working home, and the tests that are there to fail where what stops it is taken out.
 * A test that is renamed or removed is noticed here, so that no guard loses its test unseen.
 */
const GUARDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "thirty cameras move, Frigate restarts thirty times": {
    "tests/domain/restart-policy.test.ts": [
      "waits until no address changed for twenty seconds",
      "waits no longer than two minutes from the first change",
      "comes ten minutes after the last at the earliest",
      "is the fourth within a day at most",
      "never comes while a camera without size answers nowhere",
      "thirty cameras that move within five minutes cost two restarts at most",
    ],
    "tests/reconcilers/untold-streams.test.ts": ["is not restarted for twice where that did not help, over a restart of ours too"],
  },
  "a wrong document is written": {
    "tests/domain/document-format.test.ts": [
      "where the outcome would be read as something else",
      "refuses a replacement that makes another structure",
      "a variable that anything else uses too is left alone",
    ],
    "tests/reconcilers/documents.test.ts": ["a change that cannot be proved is not written"],
    "tests/adapters/frigate/api-target.test.ts": ["a change that would add an error of its schema is not sent"],
  },
  "somebody else edits meanwhile": {
    "tests/contract/config-target.ts": ["writes nothing where somebody edited meanwhile, and hands over what is there"],
    "tests/reconcilers/documents.test.ts": ["between reading and writing: nothing of theirs is lost"],
    "tests/adapters/frigate/api-target.test.ts": [
      "while Frigate validates our text: their text is put back",
      "over ours at once: theirs stays, and is never written over",
      "between our reading and the save: nothing is sent",
    ],
  },
  "what was written was not wanted": {
    "tests/reconcilers/undo.test.ts": [
      "puts back every byte and go2rtc's source, and the camera is not healed there again",
      "never touches a text that somebody edited since",
      "holds over a restart, until a person has it looked at again",
    ],
  },
  "a host name is replaced that nobody asked for": {
    "tests/domain/host-pins.test.ts": ["where another camera uses the name too, with the reason"],
    "tests/reconcilers/pinning.test.ts": [
      "stays where nobody asked, however well the camera is proved",
      "stays, also when the camera moves and after a restart, until somebody asks for a resync",
    ],
  },
  "two copies of this program": {
    "tests/reconcilers/leases.test.ts": [
      "the one without the lease writes nothing, tells go2rtc nothing, and shows who has it",
      "does not park a stream that the other looks after",
    ],
    "tests/reconcilers/homecoming.test.ts": ["restored elsewhere is another installation, and says so once"],
  },
  "rollback fights with a person": {
    "tests/scenarios/rollback.world.test.ts": ["but not in a text that a person edited since"],
    "tests/reconcilers/undo.test.ts": ["the refused address stays refused over a restart, until a person asks"],
    "tests/reconcilers/untold-streams.test.ts": ["what go2rtc did not take says nothing of the address"],
    "tests/reconcilers/frames.test.ts": ["is taken back after 20 seconds: text, streams and memory, and not tried again"],
  },
  "scans upset cameras or Wi-Fi": {
    "tests/domain/policy.test.ts": [
      "asks a MAC every ten seconds at most",
      "go after a new loss without that pause, ten seconds apart, and three in five minutes",
    ],
    "tests/reconcilers/searches.test.ts": [
      "shares each sweep with all the others",
      "only on interfaces that are named, a container's too",
      "that comes and goes does not get more than its budget",
    ],
    "tests/adapters/lan/interfaces.test.ts": ["avoids bridges, tunnels and two-ended links of any name"],
  },
  "a flip-flopping or contested address": {
    "tests/domain/policy.test.ts": ["freeze the device for an hour from the fourth return", "are not plain moves, however many"],
  },
  "password lock-outs, session limits": {
    "tests/domain/policy.test.ts": [
      "are none without a password, and none while packets grow",
      "are none after a refused one until URL or address change",
      "pause for five minutes after another failure there",
    ],
    "tests/reconcilers/changed.test.ts": [
      "is left alone where password and path are right: one login an hour at most",
      "is not asked while video flows",
    ],
    "tests/adapters/onvif/details.test.ts": ["are not asked for again after one refusal"],
  },
  "passwords in diffs, evidence, commits": {
    "tests/domain/mask-document.test.ts": ["shows no credential of a home and every address"],
    "tests/scenarios/canary.world.test.ts": [
      "passwords are in no output, message, argument, table of facts or packet, and a planted one is found",
    ],
    "tests/reconcilers/changed.test.ts": ["whose stream path was changed is said, with the path that it names itself"],
  },
  "PATCH overwrites every source of a stream": {
    "tests/adapters/go2rtc/producers.test.ts": [
      "of several sources the one that is connected is patched, where no other is: the others would dial without a pause",
    ],
    "tests/adapters/go2rtc/server.test.ts": ["sends several sources to no version that would drop all but the first"],
    "tests/reconcilers/pointing.test.ts": ["sends the full list in order where there are several sources"],
  },
  "go2rtc's first file shadows the document": {
    "tests/reconcilers/shadows.test.ts": ["stays while the document is wrong, and is removed once it is right"],
  },
  "a placeholder that cannot be resolved here": {
    "tests/reconcilers/documents.test.ts": ["with a placeholder that is unknown here are never sent to go2rtc"],
  },
  "forged sightings": {
    "tests/reconcilers/asking.test.ts": ["that is forged moves nothing, however often it comes"],
  },
  "a single file that is mounted": {
    "tests/adapters/file/in-place.test.ts": [
      "after any number of bytes is told from the old text, the new one and anybody's edit, and is completed",
    ],
    "tests/adapters/file/odd-files.world.test.ts": [
      "is written where its owner sees it, by the same inode, owner and mode, and nothing is left",
      "mounted read-only is not written, and the remedy is said",
      "in the middle of a write, is the old or the new text when it is next read",
    ],
  },
  "the first write": {
    "tests/reconcilers/approve.test.ts": [
      "is not written; the change is proposed with its proof, and go2rtc is told all the same",
      "is not written where a person edited it since: what would be written now is proposed anew",
      "is shown whole, once for ever",
    ],
  },
  "a power cut that was not needed, or that lasts": {
    "tests/domain/power-policy.test.ts": ["that %s is left", "is cycled again after an hour, and not sooner whatever the options say"],
    "tests/reconcilers/power.test.ts": [
      "has it cut once an hour at most, over restarts of ours too",
      "gets its power back where the program ends in between, and by the next run where that was killed",
      "by a switch that %s, which is said",
      "of a battery camera, of a disabled one, or of one without a switch",
      "a switch that took the word and did not act is switched on again until its state says so",
      "of a camera that Frigate reads itself and gets video of, though it answers none of our questions",
      "in a home of one or two cameras where the network may be what is away, which is said; one that is away alone has it cut",
    ],
  },
  "host names, IPv6, disabled and battery cameras": {
    "tests/domain/stream-source.test.ts": ["IPv6, names and variables are told apart"],
    "tests/reconcilers/battery.test.ts": [
      "is neither searched for nor asked anything in hours, though its stream is watched and dead",
      "is not asked, searched or corrected, and is known as such",
    ],
  },
  "a wrong camera under a shared or made-up identity": {
    "tests/reconcilers/traps.test.ts": [
      "learned at the same time: only one takes the MAC, the other is refused with the reason",
      "alone is no proof: the camera is refused elsewhere, and no password goes there",
      "is one device: every channel is corrected in one change, after one login",
    ],
    "tests/reconcilers/unproved.test.ts": [
      "sent no password before a person confirms it, then logged in to once",
      "is confirmed once: at its next address a person is asked again",
      "is sent nothing where another device answers than the one that was confirmed",
    ],
    "tests/scenarios/traps.world.test.ts": ["healed or said, never a wrong camera"],
  },
};

describe.each(Object.entries(GUARDS))("%s", (_danger, tests) => {
  test.each(Object.entries(tests))("has its tests in %s", async (file, titles) => {
    const text = await readFile(join(import.meta.dirname, "..", file), "utf8");
    const known = [...text.matchAll(/["`]([^"`\n]+)["`]/g)].map(([, title = ""]) => title);
    const missing = titles.filter((title) => !known.some((one) => one.includes(title)));
    expect(missing).toEqual([]);
  });
});
