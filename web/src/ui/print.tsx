/** Printing what an open drawer shows: the button, and the line that stands on paper alone. */

import { language, named, t } from "../i18n";
import { eventNow, session, zone } from "../state";
import { dayTime } from "../time";

export function PrintButton() {
  return (
    <button type="button" class="quiet" data-testid="print" onClick={() => print()}>
      {t("print")}
    </button>
  );
}

/** When it was printed, by whom, and that an exercise is one. */
export function PrintLine() {
  const known = session.value.value;
  if (!known?.account) return null;
  return (
    <p class="print-line">
      {known.exercise && <strong>演练 EXERCISE · </strong>}
      {named(known.city)} · {t("print.at", { time: dayTime(new Date(eventNow()).toISOString(), zone(), language.value), who: named(known.account) })}
    </p>
  );
}
