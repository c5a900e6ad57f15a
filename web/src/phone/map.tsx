/** Where the water is now and soon, and where to go. */

import { useEffect, useRef, useState } from "preact/hooks";
import { css, DEPTH_RAMP, onRamp } from "../depth";
import { language, shortly, t, word } from "../i18n";
import { eventNow, zone } from "../state";
import { clockTime, dayTime } from "../time";
import { Age } from "./as-of";
import { byDistance, deepestFrom, depthAt, direction, placesLeft, type Shelter } from "./ground";
import { ahead, HOURS, moment } from "./moment";
import { ReadAloud } from "./read-aloud";
import { frames, here, locate, locating, street } from "./street";

/** Water in a shelter's cell from which it is said to stand in water, m: above a doorstep. */
const WET_M = 0.15;
const SHOWN_FIRST = 4;

export function StreetMap() {
  useEffect(() => {
    void street.refresh();
    // asks nobody: only where the phone may tell its position already
    void navigator.permissions?.query({ name: "geolocation" }).then((right) => right.state === "granted" && locate(), () => undefined);
  }, []);
  const known = street.value.value;
  return (
    <>
      <Age of={street.asOf.value} />
      <Picture />
      {known?.water && <Hours />}
      <WaterHere />
      {known && <Shelters />}
      <p class="soft" data-testid="map-note">
        {t("phone.map.note")}
        {known?.synthetic.length ? ` ${t("phone.map.synthetic")}` : ""}
      </p>
    </>
  );
}

function Picture() {
  const element = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let end = () => undefined as void;
    let gone = false;
    void import("./street-map").then(
      ({ createStreetMap }) => {
        if (gone || !element.current) return;
        const map = createStreetMap(element.current);
        end = () => map.remove();
      },
      // an old phone that cannot draw it still has the list below
      () => setFailed(true),
    );
    return () => {
      gone = true;
      end();
    };
  }, []);
  return failed ? <p class="nothing">{t("phone.map.cannot")}</p> : <div ref={element} class="street-map" data-testid="street-map" />;
}

function Hours() {
  const index = moment.value;
  const water = street.value.value!.water!;
  return (
    <>
      <div class="hours" role="radiogroup" aria-label={t("phone.map.when")}>
        {HOURS.map((hours) => (
          <button key={hours} type="button" role="radio" aria-checked={ahead.value === hours} class={ahead.value === hours ? "on" : ""} data-testid={`hour-${hours}`} onClick={() => (ahead.value = hours)}>
            {hours ? t("phone.map.hours", { n: hours }) : t("phone.map.now")}
          </button>
        ))}
      </div>
      <p class="soft" data-testid="water-time">
        {index === null
          ? t("phone.map.ended", { time: dayTime(water.frames.at(-1)!, zone(), language.value) })
          : t("phone.map.run", { time: clockTime(water.frames[index]!, zone()), issued: dayTime(water.issued, zone(), language.value) })}
      </p>
      <ul class="depth-legend" aria-label={t("phone.map.depth")}>
        {[0.15, 0.3, 0.5, 1, 2].map((at) => (
          <li key={at}>
            <span style={{ backgroundImage: `linear-gradient(${css(onRamp(DEPTH_RAMP, at))} 0 0)` }} />
            {at} m
          </li>
        ))}
      </ul>
    </>
  );
}

function WaterHere() {
  const me = here();
  const water = street.value.value?.water;
  if (street.value.value?.withheld) return <p class="soft">{t("phone.map.withheld")}</p>;
  if (street.value.value && !water) return <p class="soft">{t("phone.map.no_run")}</p>;
  const depth = me && water && frames.value && moment.value !== null ? depthAt(water, frames.value, moment.value, me.at) : null;
  return (
    <div class="card">
      {me && (
        <p data-testid="water-here">
          {me.accuracy === null ? t("phone.map.by_village") : t("phone.map.located", { m: Math.round(me.accuracy) })}
          {depth !== null && <strong> {depth >= 0.05 ? t("phone.map.depth_here", { depth: depth.toFixed(1) }) : t("phone.map.dry_here")}</strong>}
        </p>
      )}
      <button type="button" class="plain-button" disabled={locating.value} data-testid="map-locate" onClick={locate}>
        {t(locating.value ? "phone.report.locating" : "phone.report.here")}
      </button>
    </div>
  );
}

function Shelters() {
  const [all, setAll] = useState(false);
  const known = street.value.value!;
  const me = here();
  const coming = (shelter: Shelter) =>
    known.water && frames.value ? deepestFrom(known.water, frames.value, eventNow(), [shelter.lon, shelter.lat]) : null;
  const sorted = byDistance(known.shelters, me?.at ?? null, (shelter) => (coming(shelter)?.depth ?? 0) >= WET_M);
  // somebody who knows the shelter round the corner must hear why it does not come first
  const nearer = sorted.filter((one) => !one.fit && one.away !== null && one.away < (sorted[0]?.away ?? 0)).length;
  const shown = all ? sorted : sorted.slice(0, SHOWN_FIRST);
  return (
    <section aria-label={t("phone.map.shelters")}>
      <h2 class="list-head">{t(me ? "phone.map.nearest" : "phone.map.shelters")}</h2>
      {nearer > 0 && <p class="warning-note" data-testid="nearer-unfit">{t("phone.map.nearer", { n: nearer })}</p>}
      {shown.map(({ shelter, away, fit }, i) => {
        const wet = coming(shelter);
        const lines = [
          away !== null && me ? `${word("phone.point", direction(me.at, [shelter.lon, shelter.lat]))} ${far(away)}` : "",
          room(shelter),
          wet && wet.depth >= WET_M ? t("phone.map.wet", { depth: wet.depth.toFixed(1), time: dayTime(wet.time, zone(), language.value) }) : "",
        ].filter(Boolean);
        return (
          <article key={shelter.id} class={fit ? "card shelter" : "card shelter unfit"} data-testid="shelter" data-shelter={shelter.id}>
            <strong>{shortly(shelter)}</strong>
            {lines.map((line) => (
              <p key={line}>{line}</p>
            ))}
            {i === 0 && <ReadAloud id={`shelter ${shelter.id}`} text={[t("phone.map.nearest"), shortly(shelter), ...lines].join("。")} />}
          </article>
        );
      })}
      {sorted.length > SHOWN_FIRST && (
        <button type="button" class="plain-button" onClick={() => setAll(!all)}>
          {t(all ? "phone.map.fewer" : "phone.map.all", { n: sorted.length })}
        </button>
      )}
    </section>
  );
}

function far(away: number): string {
  return away < 1000 ? t("phone.map.metres", { n: Math.round(away / 10) * 10 }) : t("phone.map.kilometres", { n: (away / 1000).toFixed(1) });
}

function room(shelter: Shelter): string {
  if (shelter.open === false) return t("phone.map.closed", { n: shelter.capacity });
  const left = placesLeft(shelter);
  if (left === null) return t("phone.map.capacity", { n: shelter.capacity });
  return left ? t("phone.map.left", { n: left, of: shelter.capacity }) : t("phone.map.full", { of: shelter.capacity });
}
