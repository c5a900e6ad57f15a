/** The desk's time without a line to the desk. */

import type { ClockBody } from "../api/contract";

/** What the desk's clock said, and when by the phone's. */
export interface Beat {
  id: "clock";
  clock: ClockBody;
  at: number;
}

/** The desk's time, told on by the phone's clock: a replay runs faster, and stands while paused. */
export function onward(beat: Pick<Beat, "clock" | "at">, now: number): string {
  const { replay } = beat.clock;
  const speed = replay ? (replay.paused || replay.finished ? 0 : replay.speed) : 1;
  const passed = Math.max(0, now - beat.at) * (Number.isFinite(speed) ? speed : 1);
  return new Date(Date.parse(beat.clock.now) + passed).toISOString();
}
