/** How old what is shown is: said plainly whenever it is not from just now. */

import { signal } from "@preact/signals";
import { language, t } from "../i18n";
import { zone } from "../state";
import { clockTime, span } from "../time";
import type { AsOf } from "./known";
import { noSignal } from "./state";

const FRESH_MS = 90_000;
const tick = signal(Date.now());
setInterval(() => (tick.value = Date.now()), 10_000);

/** "截至 14:20（35 分前）" */
export function agoWords(asOf: AsOf, now: number): string {
  const time = clockTime(asOf.event, zone());
  // a clock set back since then cannot tell the age
  if (now < asOf.at - 5000) return t("phone.as_of.unknown", { time });
  if (now - asOf.at < 60_000) return t("phone.as_of.now", { time });
  return t("phone.as_of", { time, ago: span(now - asOf.at, language.value) });
}

export function Age({ of }: { of: AsOf | null }) {
  const now = Math.max(tick.value, Date.now());
  if (!of || (!noSignal.value && now - of.at < FRESH_MS)) return null;
  return (
    <p class="as-of" data-testid="as-of">
      {agoWords(of, now)}
    </p>
  );
}
