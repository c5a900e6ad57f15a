/** A hazard place: depth the ensemble expects there, its chances, and a case opened there. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { PlaceFan } from "../api/contract";
import { get } from "../api/http";
import { language, named, t, word } from "../i18n";
import { runId, selection } from "../map/view-state";
import { clock, live, may, territory, zone } from "../state";
import { newCase } from "../panels/new-case";
import { Chance, Time } from "../ui/pieces";
import { FanChart } from "./chart";
import type { FanPicture } from "./fan";

export function PlaceCard({ id }: { id: string }) {
  const feature = live.places.value.value?.features.find((one) => one.properties.id === id);
  const place = feature?.properties;
  const chosenRun = runId.value;
  const [fan, setFan] = useState<PlaceFan | null>(null);
  const [absent, setAbsent] = useState(false);

  useEffect(() => {
    if (!chosenRun) return;
    setAbsent(false);
    get<PlaceFan>(`/runs/${chosenRun}/places/${id}`).then(setFan, () => setAbsent(true));
  }, [id, chosenRun]);

  const tongue = language.value;
  const picture = useMemo((): FanPicture | null => {
    const [first, last] = [fan?.times[0], fan?.times.at(-1)];
    if (!fan || !first || !last) return null;
    return {
      zone: zone(),
      unit: "m",
      digits: 2,
      observed: null,
      fan: {
        name: t("chart.median"),
        times: fan.times,
        bands: [{ name: t("chart.p10p90"), low: fan.p10, high: fan.p90, opacity: 0.3 }],
        middle: fan.p50,
      },
      thresholds: [
        { name: t("place.attention"), value: fan.attention_m, colour: "#c9d6da" },
        { name: t("place.danger"), value: fan.danger_m, colour: "#c78bff" },
      ],
      now: { name: t("chart.now"), at: clock.peek()?.now ?? first },
      from: first,
      to: last,
    };
  }, [fan, tongue]);

  if (!place) return <p class="nothing">{t("place.gone")}</p>;
  const village = territory.value.value?.features.find((one) => one.properties.code === place.territory);
  return (
    <>
      <header class="detail-head">
        <div>
          <h3>{named(place)}</h3>
          <p>
            {word("place", place.kind)}
            {village && ` · ${named(village.properties)}`}
            {place.synthetic && ` · ${t("synthetic")}`}
          </p>
        </div>
        {may("command") && (
          <button type="button" class="primary" data-testid="case-open" onClick={() => newCase({ place: place.id, name: named(place) })}>
            {t("case.open")}
          </button>
        )}
      </header>
      <dl class="facts">
        <div>
          <dt>{t("place.attention_at", { depth: place.attention_m })}</dt>
          <dd><Chance value={place.hazard?.probability_attention ?? 0} label={t("place.attention")} /></dd>
        </div>
        <div>
          <dt>{t("place.danger_at", { depth: place.danger_m })}</dt>
          <dd><Chance value={place.hazard?.probability_danger ?? 0} label={t("place.danger")} /></dd>
        </div>
        <div>
          <dt>{t("place.onset")}</dt>
          <dd><Time at={place.hazard?.onset ?? null} /></dd>
        </div>
        {place.reported && (
          <div>
            <dt>{t("place.reported")}</dt>
            <dd>
              <button
                type="button"
                class="plain-button"
                onClick={() => (selection.value = { kind: "report", id: place.reported!.id })}
              >
                {word("depth", place.reported.depth_class)} {place.reported.low_m.toFixed(2)}–{place.reported.high_m.toFixed(2)} m
              </button>
            </dd>
          </div>
        )}
        <div>
          <dt>{t("place.residents")}</dt>
          <dd>{place.residents || "—"}</dd>
        </div>
        <div>
          <dt>{t("place.old_houses_count")}</dt>
          <dd>{place.old_houses || "—"}</dd>
        </div>
        <div>
          <dt>{t("place.department")}</dt>
          <dd>{place.department || "—"}</dd>
        </div>
      </dl>
      {picture ? (
        <FanChart picture={picture} label={t("chart.place", { name: named(place) })} />
      ) : (
        <p class={absent || !chosenRun ? "nothing" : "nothing loading"}>
          {absent || !chosenRun ? t("place.no_run") : t("loading")}
        </p>
      )}
      <p class="chart-key">
        <b>m</b>
        <span class="key-median">{t("chart.median")}</span>
        <span class="key-band">{t("chart.p10p90")}</span>
      </p>
    </>
  );
}
