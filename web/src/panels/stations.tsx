/** Health of the stations 测站: who reports, how much, and what is wrong; problems first. */

import { useEffect, useState } from "preact/hooks";
import type { StationHealth } from "../api/contract";
import { language, shortly, t, word } from "../i18n";
import { selection } from "../map/view-state";
import { stationHealth } from "../state";
import { span } from "../time";
import { Nothing, percent, Time } from "../ui/pieces";
import { Cameras } from "./cameras";
import { Sources } from "./sources";

/** Every rule is worked out anew for it, so it is asked for only while it is looked at. */
const EVERY = 10_000;
/** Below this share of the expected readings the figure stands out, as in the service. */
const ENOUGH = 0.9;

export function Stations() {
  const [wrongOnly, setWrongOnly] = useState(false);
  useEffect(() => {
    void stationHealth.refresh();
    const timer = setInterval(() => void stationHealth.refresh(), EVERY);
    return () => clearInterval(timer);
  }, []);
  const known = stationHealth.value.value;
  if (!known?.length) {
    return (
      <>
        <Cameras />
        <Sources />
        <Nothing loaded={known !== null} failed={stationHealth.failed.value} text={t("health.none")} />
      </>
    );
  }
  const wrong = known.filter((one) => one.problems.length > 0);
  const total = known.length;
  return (
    <div class="stations" data-testid="stations">
      <Cameras />
      <Sources />
      <div class="filters">
        <span class="soft" role="status">
          {wrong.length ? t("health.summary", { total, wrong: wrong.length }) : t("health.well", { total })}
        </span>
        <span class="spring" />
        <label>
          <input type="checkbox" checked={wrongOnly} onChange={(e) => setWrongOnly(e.currentTarget.checked)} />
          {t("health.wrong_only")}
        </label>
      </div>
      <ul class="plain station-list">
        {(wrongOnly ? wrong : known).map((one) => (
          <Line key={one.id} station={one} />
        ))}
      </ul>
    </div>
  );
}

function value(station: StationHealth): string {
  if (!station.last) return "—";
  return `${station.last.value.toFixed(station.quantity === "rain" ? 1 : 2)} ${station.unit}`;
}

function Line({ station }: { station: StationHealth }) {
  const { share, expected, received, flags } = station;
  return (
    <li class={station.problems.length ? "wrong" : ""}>
      <button type="button" onClick={() => (selection.value = { kind: "station", id: station.id })}>
        <span class="station-head">
          <b>{shortly(station)}</b>
          <span class="soft">{word("quantity", station.quantity)}</span>
          <span class="station-last">
            {value(station)} <Time at={station.last?.valid_at ?? null} />
          </span>
        </span>
        {station.problems.map((one) => (
          <span key={one} class="trouble">{word("problem", one)}</span>
        ))}
        <span class="soft station-foot">
          <span class={share !== null && share < ENOUGH ? "trouble" : ""} title={t("health.share.title", { expected, received })}>
            {t("health.share")} {share === null ? "—" : percent(share)}
          </span>
          {station.delay_s !== null && (
            <span title={t("health.delay.title")}>
              {t("health.delay", { span: span(station.delay_s * 1000, language.value) })}
            </span>
          )}
          {station.battery?.volts != null && (
            <span>{t("health.battery", { volts: station.battery.volts.toFixed(1) })}</span>
          )}
          {Object.keys(flags).length > 0 && (
            <span title={t("health.flagged")}>
              {Object.entries(flags).map(([rule, n]) => `${word("doubt", rule)} ${n}`).join(" · ")}
            </span>
          )}
        </span>
      </button>
    </li>
  );
}
