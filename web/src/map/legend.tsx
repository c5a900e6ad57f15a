/** What the colours of the map mean. */

import { css, DEPTH_RAMP, PROBABILITY_RAMP, RAIN_RAMP, type Stop } from "../depth";
import { t, word } from "../i18n";
import { REPORT_MARK } from "./icons";
import { Time } from "../ui/pieces";
import { rain } from "./rain";
import { probability, shown, water } from "./view-state";

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

/** Whose rain it is, of when, and whether it was observed or is forecast. */
function RainKey() {
  const found = rain.value;
  return (
    <>
      <h3>{t("legend.rain")}</h3>
      {found ? (
        <>
          <Ramp stops={RAIN_RAMP} label={(at) => String(at)} />
          <p class="soft" data-testid="rain-key">
            {found.product} · {found.base ? t("rain.forecast") : t("rain.observed")} · <Time at={found.start} />–
            <Time at={found.end} />
            {found.base && (
              <>
                {" "}· {t("rain.made")} <Time at={found.base} />
              </>
            )}
            {" "}· {t("rain.most", { mm: found.largest_mm })}
          </p>
        </>
      ) : (
        <p class="soft" data-testid="rain-key">{found === null ? t("rain.none") : t("loading")}</p>
      )}
    </>
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
      {shown.value.rain && <RainKey />}
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
