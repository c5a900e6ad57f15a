/** The whole event as one line: how far it has come, days, forecasts, alerts in their colours. */

import { language, t, word } from "../i18n";
import { clock, live, zone } from "../state";
import { clockTime, day, dayTime, midnights } from "../time";

export function Timeline() {
  const body = clock.value;
  const replay = body?.replay;
  if (!body || !replay) return null;
  const from = Date.parse(replay.from);
  const length = Date.parse(replay.to) - from;
  const at = (iso: string) => `${(100 * (Date.parse(iso) - from)) / length}%`;
  const within = (iso: string) => Date.parse(iso) >= from && Date.parse(iso) <= from + length;
  const sent = (live.alerts.value.value ?? []).filter((alert) => alert.sent_at && within(alert.sent_at));
  const runs = (live.runs.value.value ?? []).filter((run) => within(run.issued));
  return (
    <div
      class="timeline"
      role="progressbar"
      aria-label={t("timeline")}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(replay.progress * 100)}
    >
      <div class="timeline-done" style={{ width: at(body.now) }} />
      {midnights(replay.from, replay.to, zone()).map((midnight) => (
        <span key={midnight} class="timeline-day" style={{ left: at(midnight) }}>
          {day(midnight, zone(), language.value)}
        </span>
      ))}
      {runs.map((run) => (
        <span
          key={run.id}
          class={`timeline-run ${run.state}`}
          style={{ left: at(run.issued) }}
          title={t("timeline.run", { time: clockTime(run.issued, zone()) })}
        />
      ))}
      {sent.map((alert) => (
        <span
          key={`${alert.id}`}
          class={`timeline-alert level-${alert.colour}${alert.official ? " official" : ""}`}
          style={{ left: at(alert.sent_at!) }}
          title={`${dayTime(alert.sent_at!, zone(), language.value)} ${word("colour", alert.colour)} ${alert.headline}`}
        />
      ))}
      <span class="timeline-now" style={{ left: at(body.now) }} />
    </div>
  );
}
