/** How far the messages of an alert have come, as one bar; failures in words beside it. */

import type { Alert } from "../api/contract";
import { t, word } from "../i18n";

/** From furthest to least; a delivery is counted in the state that it has reached. */
const REACHED = ["answered", "read", "delivered", "sent"] as const;
const NOT_YET = ["planned", "queued", "sending"] as const;
const TROUBLE = ["failed", "unknown", "suppressed"] as const;

export function Coverage({ alert }: { alert: Alert }) {
  const counts = alert.deliveries;
  const of = (state: string) => counts[state] ?? 0;
  const states = [...REACHED, ...NOT_YET, ...TROUBLE];
  const total = states.reduce((sum, state) => sum + of(state), 0);
  if (!total) return null;
  const reached = REACHED.reduce((sum, state) => sum + of(state), 0);
  const trouble = TROUBLE.filter((state) => of(state) > 0);
  return (
    <div class="coverage" data-testid="coverage">
      <div
        class="coverage-bar"
        role="img"
        aria-label={states.map((state) => `${word("delivery", state)} ${of(state)}`).join(", ")}
      >
        {states.map((state) => (
          <span
            key={state}
            class={`coverage-${state}`}
            style={{ width: `${(100 * of(state)) / total}%` }}
            title={`${word("delivery", state)} ${of(state)}`}
          />
        ))}
      </div>
      <p>
        <span>{t("coverage.reached", { n: reached, total })}</span>
        <span>{t("coverage.answered", { n: of("answered") })}</span>
        {trouble.map((state) => (
          <span key={state} class="trouble">
            {word("delivery", state)} {of(state)}
          </span>
        ))}
      </p>
    </div>
  );
}
