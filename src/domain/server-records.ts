import { documentOf } from "./remembered-document.ts";

/** A go2rtc as something is remembered of it. */
interface ServerRef {
  readonly name: string;
  /** Its address, which stays when its name in the options changes. */
  readonly place: string;
}

/** A record of one stream of a go2rtc. */
interface OfServer {
  /** What the go2rtc was called then. */
  readonly server: string;
  readonly stream: string;
  /** Absent in what was remembered by the first releases. */
  readonly place?: string;
}

/**
 * The records by the names that the servers have now: each goes with the server at its place, else with the one of its name, whose address may be another now. One
 * that has neither stays as it is: its server is gone, or away. Where two come to stand for one stream of one server, the one that is there by its place counts.
 */
export function byPresentServer<T extends OfServer>(records: readonly T[], servers: readonly ServerRef[]): readonly T[] {
  const present = records.map((record) => {
    // Of several at one place, as two Frigates of one machine may be, it is the one of its name.
    const own = servers.filter(({ name, place }) => name === record.server && place === record.place);
    const server = documentOf({ ...record, target: record.server }, own.length > 0 ? own : servers);
    const isByPlace = server !== undefined && server.place === record.place;
    return { isByPlace, record: server === undefined ? record : { ...record, server: server.name, place: server.place } };
  });
  const kept = new Map<string, T>();
  for (const { record } of present.toSorted((one, other) => Number(one.isByPlace) - Number(other.isByPlace)))
    kept.set(JSON.stringify([record.server, record.stream]), record);
  return [...kept.values()];
}
