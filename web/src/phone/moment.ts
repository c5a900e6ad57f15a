/** The moment whose water is shown: so many hours from now. */

import { computed, signal } from "@preact/signals";
import { clock, eventNow } from "../state";
import { indexAt } from "./ground";
import { street } from "./street";

export const HOURS = [0, 1, 3, 6, 12] as const;
export const ahead = signal<number>(0);

/** Frame of that moment; null where the run does not reach. */
export const moment = computed<number | null>(() => {
  void clock.value;
  const water = street.value.value?.water;
  return water ? indexAt(water, eventNow() + ahead.value * 3_600_000) : null;
});
