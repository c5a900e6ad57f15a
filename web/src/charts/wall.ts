/** The chart's time axis knows no zones but UTC: it is given wall time as if it were UTC. */

import { inputTime } from "../time";

/** Wall time of an instant in `zone`, as ms of a UTC instant that reads the same. */
export function wall(iso: string, zone: string): number {
  return Date.parse(`${inputTime(iso, zone)}:00Z`);
}

/** Axis label of such a value: the date at midnight, else the time. */
export function fromWallLabel(value: number): string {
  const text = new Date(value).toISOString();
  return text.slice(11, 16) === "00:00" ? text.slice(5, 10) : text.slice(11, 16);
}
