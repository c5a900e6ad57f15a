/** What the newest run means: tide, rain, who is touched, town by town; and the report. */

import type { ComponentChildren } from "preact";
import type { AssessedPlace, AssessedTown, Assessment, Quantiles } from "../api/contract";
import { address } from "../api/http";
import { language, named, shortly, t } from "../i18n";
import { selection } from "../map/view-state";
import { live, territory } from "../state";
import { Chance, Nothing, percent, Time } from "../ui/pieces";

const PLACES_SHOWN = 12;

export function AssessmentPanel() {
  const found = live.assessment.value.value;
  if (!found) {
    return <Nothing loaded failed={live.assessment.failed.value} text={t("assessment.none")} />;
  }
  const report = (kind: string) => address(`/assessments/${found.run}/report.${kind}?language=${language.value}`);
  return (
    <div class="assessment" data-testid="assessment">
      <p class="soft">
        {t("assessment.of")} <Time at={found.issued} /> · {t("assessment.members", { n: found.members, h: found.horizon_h })}
        <span class="reports">
          <a href={report("html")} target="_blank" rel="noreferrer">{t("report.html")}</a>
          <a href={report("pdf")} target="_blank" rel="noreferrer">PDF</a>
          <a href={report("docx")} title={t("report.docx.title")} data-testid="report-docx">Word</a>
          <a href={report("gpkg")} title={t("report.gpkg.title")}>GeoPackage</a>
        </span>
      </p>
      <Figures found={found} />
      <h3>{t("assessment.towns")}</h3>
      <Towns towns={found.towns} />
      <h3>{t("assessment.places")}</h3>
      <Places found={found} />
      {found.synthetic.length > 0 && (
        <p class="soft synthetic-note">{t("assessment.synthetic", { parts: found.synthetic.join("、") })}</p>
      )}
    </div>
  );
}

function Figures({ found }: { found: Assessment }) {
  return (
    <div class="figures">
      {found.tide && (
        <Figure
          title={t("figure.tide")}
          value={found.tide.peak}
          digits={2}
          unit="m"
          note={<Time at={found.tide.peak_time} />}
        />
      )}
      {found.rain && <Figure title={t("figure.rain")} value={found.rain.total_mm} digits={0} unit="mm" />}
      <Figure title={t("figure.residents")} value={found.city.residents} digits={0} unit="" />
      <Figure title={t("figure.places")} value={found.city.places_attention} digits={0} unit="" />
    </div>
  );
}

function Figure(props: { title: string; value: Quantiles; digits: number; unit: string; note?: ComponentChildren }) {
  const { value, digits } = props;
  return (
    <div class="figure">
      <span>{props.title}</span>
      <b>
        {value.p50.toFixed(digits)}
        <small>{props.unit}</small>
      </b>
      <span class="soft">
        {value.p10.toFixed(digits)}–{value.p90.toFixed(digits)}
        {props.note && <> · {props.note}</>}
      </span>
    </div>
  );
}

function Towns({ towns }: { towns: readonly AssessedTown[] }) {
  const units = new Map(territory.value.value?.features.map((one) => [one.properties.code, one.properties]));
  const sorted = [...towns].sort((a, b) => b.attention_probability - a.attention_probability);
  return (
    <table class="table towns">
      <thead>
        <tr>
          <th>{t("town")}</th>
          <th>{t("town.attention")}</th>
          <th class="number">{t("town.danger")}</th>
          <th class="number">{t("town.residents")}</th>
          <th class="number">{t("town.onset")}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((town) => (
          <tr key={town.code}>
            <td>{named(units.get(town.code) ?? town)}</td>
            <td><Chance value={town.attention_probability} label={t("town.attention")} /></td>
            <td class="number">{percent(town.danger_probability)}</td>
            <td class="number">
              {town.residents_p50}
              {town.residents_p90 > town.residents_p50 && <small>–{town.residents_p90}</small>}
            </td>
            <td class="number soft"><Time at={town.onset} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How far up the list what people report lifts a place: water that is there comes first. */
function reached({ reported }: AssessedPlace) {
  return reported ? 1 + Number(reported.attention) + Number(reported.danger) : 0;
}

function Places({ found }: { found: Assessment }) {
  const known = new Map(live.places.value.value?.features.map((one) => [one.properties.id, one.properties]));
  const sorted = found.places
    .filter((place) => place.attention.probability > 0 || place.reported)
    .sort((a, b) => reached(b) - reached(a) || b.danger.probability - a.danger.probability || b.attention.probability - a.attention.probability)
    .slice(0, PLACES_SHOWN);
  if (!sorted.length) return <p class="nothing">{t("assessment.no_places")}</p>;
  return (
    <ul class="place-list">
      {sorted.map((place) => (
        <li key={place.id}>
          <button type="button" onClick={() => (selection.value = { kind: "place", id: place.id })}>
            <span>{shortly(known.get(place.id) ?? place)}</span>
            {place.reported ? (
              <span class="place-reported" data-testid="place-reported">
                {t("assessment.reported", { low: place.reported.low_m.toFixed(2), high: place.reported.high_m.toFixed(2) })}
                <small class="soft">
                  <Time at={place.reported.seen_at} /> · {t("report.trust", { share: Math.round(place.reported.trust * 100) })}
                  {place.reported.disputed && ` · ${t("report.disputed")}`}
                </small>
              </span>
            ) : (
              <span class="soft">{t("place.peak", { depth: place.peak_m.p50.toFixed(2) })}</span>
            )}
            <Chance value={place.attention.probability} label={t("place.attention")} />
          </button>
        </li>
      ))}
    </ul>
  );
}
