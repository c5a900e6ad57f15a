/** Hydrograph of a station: what was read, what the ensemble expects, the levels that matter. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { EnsembleSeries, Moved, Series } from "../api/contract";
import { get } from "../api/http";
import { language, named, t, word } from "../i18n";
import { reading } from "../map/data";
import { runId } from "../map/view-state";
import { clock, eventNow, live, zone } from "../state";
import { dayTime } from "../time";
import { FanChart } from "./chart";
import type { FanPicture } from "./fan";
import { lines } from "./thresholds";

const HOUR = 3_600_000;
const BACK = 30 * HOUR;
const AHEAD = 24 * HOUR;

/** How far and how fast a watched structure has moved, beside its limits. */
function MovedFacts({ moved, unit }: { moved: Moved; unit: string }) {
  const limits = (pair: Moved["total_limits"]) =>
    pair && <small> {t("moved.limits", { attention: pair.attention, danger: pair.danger })}</small>;
  return (
    <>
      <p>
        <strong>{named({ name: moved.structure_name, name_en: moved.structure_name_en })}</strong>
        {` · ${word("structure", moved.kind)} · ${word("moved", moved.state)}`}
      </p>
      <dl class="facts" data-testid="moved">
        <div>
          <dt>{t("moved.total")}</dt>
          <dd class={moved.why.includes("total") ? `state-${STATE_OF[moved.state]}` : ""}>
            {moved.total === null ? "—" : `${moved.total.toFixed(1)} ${unit}`}
            {limits(moved.total_limits)}
          </dd>
        </div>
        <div>
          <dt>{t("moved.rate", { hours: moved.rate_hours })}</dt>
          <dd class={moved.why.includes("rate") ? `state-${STATE_OF[moved.state]}` : ""}>
            {moved.rate_per_day === null ? t("moved.no_rate") : `${moved.rate_per_day.toFixed(2)} ${unit}/d`}
            {limits(moved.rate_limits)}
          </dd>
        </div>
      </dl>
    </>
  );
}

const STATE_OF: Record<string, string> = { attention: "warning", danger: "guarantee" };

export function StationCard({ id }: { id: string }) {
  const station = live.stations.value.value?.find((one) => one.id === id);
  const chosenRun = runId.value;
  const latest = station?.latest?.valid_at;
  const [seen, setSeen] = useState<Series | null>(null);
  const [ahead, setAhead] = useState<EnsembleSeries | null>(null);

  useEffect(() => {
    if (!station) return;
    const from = new Date(eventNow() - BACK).toISOString();
    const to = new Date(eventNow()).toISOString();
    get<Series>(`/series/${station.series}?from=${from}&to=${to}`).then(setSeen, () => undefined);
  }, [station?.series, latest]);

  useEffect(() => {
    if (!chosenRun) return;
    // not every station has an ensemble: rain gauges and wind have none
    get<EnsembleSeries>(`/runs/${chosenRun}/series/${id}`).then(setAhead, () => setAhead(null));
  }, [id, chosenRun]);

  const tongue = language.value;
  const picture = useMemo((): FanPicture | null => {
    if (!station || !seen) return null;
    const now = clock.peek()?.now ?? new Date().toISOString();
    const end = ahead?.times.at(-1);
    const to = end ? Math.max(Date.parse(end), Date.parse(now)) : Date.parse(now) + HOUR;
    return {
      zone: zone(),
      unit: seen.unit,
      digits: station.quantity === "rain" ? 1 : 2,
      observed: {
        name: t("chart.observed"),
        points: seen.points.map(([time, value]) => [time, value]),
        bars: station.quantity === "rain",
      },
      fan: ahead && {
        name: t("chart.median"),
        times: ahead.times,
        bands: [
          { name: t("chart.range"), low: ahead.min, high: ahead.max, opacity: 0.14 },
          { name: t("chart.p10p90"), low: ahead.p10, high: ahead.p90, opacity: 0.28 },
        ],
        middle: ahead.p50,
      },
      thresholds: lines(seen.thresholds),
      now: { name: t("chart.now"), at: now },
      from: new Date(Date.parse(now) - BACK).toISOString(),
      to: new Date(Math.max(to, Date.parse(now) + (ahead ? AHEAD : HOUR))).toISOString(),
    };
  }, [station?.id, seen, ahead, tongue]);

  if (!station) return <p class="nothing">{t("station.gone")}</p>;
  return (
    <>
      <header class="detail-head">
        <div>
          <h3>{named(station)}</h3>
          <p>
            {word("quantity", station.quantity)}
            {station.datum && ` · ${t("datum", { datum: station.datum })}`}
            {station.synthetic && ` · ${t("synthetic")}`}
          </p>
        </div>
        <div class={`detail-value state-${station.state}`}>
          <b>{reading(station)}</b>
          <span>
            {station.moved ? word("moved", station.moved.state) : word("station", station.state)}
            {station.latest && ` · ${dayTime(station.latest.valid_at, zone(), tongue)}`}
          </span>
        </div>
      </header>
      {station.moved && <MovedFacts moved={station.moved} unit={station.unit} />}
      {picture ? (
        <FanChart picture={picture} label={t("chart.station", { name: named(station) })} />
      ) : (
        <p class="nothing loading">{t("loading")}</p>
      )}
      <p class="chart-key">
        <b>{station.unit}</b>
        <span class="key-seen">{t("chart.observed")}</span>
        {ahead && (
          <>
            <span class="key-median">{t("chart.median")}</span>
            <span class="key-band">{t("chart.p10p90")}</span>
            <span class="key-range">{t("chart.range")}</span>
          </>
        )}
      </p>
    </>
  );
}
