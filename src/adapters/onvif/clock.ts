import type { IpAddress } from "../../domain/addresses.ts";
import { type Duration, milliseconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { elementText } from "./messages.ts";
import { postSoap } from "./soap-post.ts";

const DEVICE_SERVICE = "/onvif/device_service";
const ACTION = "http://www.onvif.org/ver10/device/wsdl/GetSystemDateAndTime";
const QUESTION =
  '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' +
  '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>';

/**
 * How far a camera's clock is ahead of ours, by `GetSystemDateAndTime` (access class PRE_AUTH, ONVIF Core Specification, device service): the first port
 * that answers with a time. Counted from the middle of the exchange.
 * @returns undefined where none answers with one
 * @throws the signal's reason when aborted
 */
export async function askClock(
  clock: Clock,
  address: IpAddress,
  ports: readonly number[],
  within: Duration,
  signal: AbortSignal,
): Promise<Duration | undefined> {
  const deadline = clock.deadline("onvif clock", within, signal);
  for (const port of ports.slice(0, 16)) {
    const before = clock.now();
    const answer = await postSoap(address, port, DEVICE_SERVICE, ACTION, QUESTION, deadline);
    signal.throwIfAborted();
    const theirs = answer === undefined ? undefined : parseDateAndTime(answer);
    if (theirs !== undefined) return milliseconds(theirs - (before + clock.now()) / 2);
    if (deadline.aborted) return undefined;
  }
  return undefined;
}

/** The `UTCDateTime` of an answer in epoch milliseconds; undefined where it bears none, or no true one. */
export function parseDateAndTime(xml: string): number | undefined {
  const utc = elementText(xml, "UTCDateTime");
  if (utc === undefined) return undefined;
  const part = (name: string): number => {
    const text = elementText(utc, name)?.trim() ?? "";
    return /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  };
  const [year, month, day] = [part("Year"), part("Month"), part("Day")];
  const at = Date.UTC(year, month - 1, day, part("Hour"), part("Minute"), part("Second"));
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  return Number.isNaN(at) || !isDate ? undefined : at;
}
