/** What the colours of the map mean. */

import { css, DEPTH_RAMP, PROBABILITY_RAMP, type Stop } from "../depth";
import { t, word } from "../i18n";
import { REPORT_MARK } from "./icons";
import { probability, water } from "./view-state";

function Ramp({ stops, label }: { stops: readonly Stop[]; label: (at: number) => string }) {
  return (
    <ol class="ramp">
      {stops.map((stop) => (
        <li key={stop.at}>
          <span style={{ background: css(stop.colour) }} />
          {label(stop.at)}
        </li>
      ))}
    </ol>
  );
}

export function Legend() {
  const kind = water.value;
  return (
    <aside class="legend" aria-label={t("legend")}>
      {kind === "probability" ? (
        <>
          <h3>{t("legend.probability", { depth: probability.value })}</h3>
          <Ramp stops={PROBABILITY_RAMP.slice(1)} label={(at) => `${at * 100}%`} />
        </>
      ) : (
        kind !== "off" && (
          <>
            <h3>{t("legend.depth")}</h3>
            <Ramp stops={DEPTH_RAMP} label={(at) => String(at)} />
          </>
        )
      )}
      <h3>{t("legend.places")}</h3>
      <Ramp stops={PROBABILITY_RAMP.slice(1)} label={(at) => `${at * 100}%`} />
      <h3>{t("legend.reports")}</h3>
      <ol class="ramp">
        {Object.entries(REPORT_MARK).map(([name, [character, colour]]) => (
          <li key={name} title={word("depth", name)}>
            <span style={{ background: colour }} />
            {character}
          </li>
        ))}
      </ol>
      <ul class="legend-states">
        <li class="state-warning">{t("station.warning")}</li>
        <li class="state-guarantee">{t("station.guarantee")}</li>
        <li class="state-stale">{t("station.stale")}</li>
      </ul>
    </aside>
  );
}
