/** Routes 路线: round forecast water at the time of passing, and why each road is left out. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../api/http";
import { named, shortly, t, word } from "../i18n";
import { shown } from "../map/view-state";
import { showOnMap } from "../map/view";
import { layers, live, territory } from "../state";
import { Time } from "../ui/pieces";
import { RoadOrders } from "./road-orders";
import { attempt } from "../ui/toast";
import type { At, Avoided, Layer, Said, Way } from "./shapes";
import { from, layer, picking, reach, roads, to, vehicle, vehicles, way } from "./state";

const LAYERS: readonly Layer[] = ["p50", "p90", "dry"];
const MINUTES = "10,20,30";

export function Routes() {
  useEffect(() => void vehicles.refresh(), []);
  const passable = shown.value.passability;
  const chosen = `vehicle=${vehicle.value}&water=${layer.value}`;
  // a newer run moves the water: what is drawn of the roads follows it
  const newest = live.runs.value.value?.find((run) => run.state === "published")?.id;
  const orders = live.roadOrders.value.value?.map((one) => one.id).join();
  useEffect(() => {
    if (passable) void attempt(get(`/roads?${chosen}`)).then((answer) => answer && (roads.value = answer as never));
  }, [passable, chosen, newest, orders]);
  return (
    <div class="dispatch-form" data-testid="routes">
      <Choices />
      <label class="check">
        <input
          type="checkbox"
          checked={passable}
          data-testid="show-passability"
          onChange={(event) => (shown.value = { ...shown.value, passability: event.currentTarget.checked })}
        />
        {t("route.passability")}
      </label>
      <End end="from" />
      <End end="to" />
      <Buttons chosen={chosen} />
      <RoadOrders />
      {way.value && <WayCard way={way.value} />}
    </div>
  );
}

function Choices() {
  const known = vehicles.value.value ?? [];
  const own = known.find((one) => one.id === vehicle.value);
  return (
    <>
      <label class="field">
        <span>{t("route.vehicle")}</span>
        <select value={vehicle.value} data-testid="route-vehicle" onChange={(e) => (vehicle.value = e.currentTarget.value)}>
          {known.map((one) => (
            <option key={one.id} value={one.id}>
              {named(one)} · {t("route.limit", { m: one.limit_m.toFixed(2) })}
            </option>
          ))}
        </select>
      </label>
      {own && (
        <p class="soft small-print">
          {own.speed_assumed && <strong class="warn-text">{t("route.assumed")} </strong>}
          {own.source}
        </p>
      )}
      <div class="segmented" role="group" aria-label={t("route.water")}>
        {LAYERS.map((name) => (
          <button key={name} type="button" aria-pressed={layer.value === name} data-testid={`route-${name}`} onClick={() => (layer.value = name)}>
            {t(`route.water.${name}`)}
          </button>
        ))}
      </div>
    </>
  );
}

/** Places that can be named instead of shown on the map. */
function useSpots(): { value: string; label: string }[] {
  const spot = (lon: number, lat: number, label: string) => ({ value: `${lon.toFixed(5)},${lat.toFixed(5)}`, label });
  const cases = (live.cases.value.value ?? [])
    .filter((one) => one.lon !== null && one.lat !== null && !["closed", "cancelled", "merged"].includes(one.state))
    .slice(0, 60)
    .map((one) => spot(one.lon!, one.lat!, `${one.id} ${one.title}`));
  const drawn = (layers.value.value?.features ?? [])
    .filter((one) => one.geometry.type === "Point" && ["shelter", "team"].includes(String(one.properties.kind)))
    .map((one) => {
      const [lon, lat] = (one.geometry as GeoJSON.Point).coordinates as At;
      return spot(lon, lat, shortly(one.properties as never));
    });
  const units = (territory.value.value?.features ?? [])
    .filter((one) => one.properties.level === "town")
    .map((one) => {
      const at = one.properties as unknown as { lon: number; lat: number };
      return spot(at.lon, at.lat, named(one.properties));
    });
  const places = (live.places.value.value?.features ?? []).map((one) => {
    const [lon, lat] = (one.geometry as GeoJSON.Point).coordinates as At;
    return spot(lon, lat, shortly(one.properties));
  });
  return [...cases, ...units, ...drawn, ...places];
}

function End({ end }: { end: "from" | "to" }) {
  const at = end === "from" ? from : to;
  const spots = useSpots();
  const value = at.value ? `${at.value[0].toFixed(5)},${at.value[1].toFixed(5)}` : "";
  return (
    <div class="field-row">
      <label class="field">
        <span>{t(`route.${end}`)}</span>
        <select
          value={spots.some((one) => one.value === value) ? value : ""}
          data-testid={`route-${end}`}
          onChange={(event) => {
            const [lon, lat] = event.currentTarget.value.split(",").map(Number);
            if (lon !== undefined && lat !== undefined) at.value = [lon, lat];
          }}
        >
          <option value="">{value || t("route.nowhere")}</option>
          {spots.map((one, n) => (
            <option key={n} value={one.value}>
              {one.label}
            </option>
          ))}
        </select>
      </label>
      <button type="button" aria-pressed={picking.value === end} data-testid={`pick-${end}`} onClick={() => (picking.value = end)}>
        {picking.value === end ? t("route.picking") : t("route.pick")}
      </button>
    </div>
  );
}

function Buttons({ chosen }: { chosen: string }) {
  const [busy, setBusy] = useState(false);
  const ask = async (path: string, take: (answer: unknown) => void) => {
    setBusy(true);
    const answer = await attempt(get<unknown>(path));
    if (answer) take(answer);
    setBusy(false);
  };
  const begin = from.value?.join(",");
  return (
    <footer class="actions">
      <button
        type="button"
        disabled={!begin || busy}
        data-testid="isochrones"
        onClick={() => void ask(`/isochrones?from=${begin}&minutes=${MINUTES}&${chosen}`, (answer) => (reach.value = answer as never))}
      >
        {t("route.reach")}
      </button>
      <button
        type="button"
        class="primary"
        disabled={!begin || !to.value || busy}
        data-testid="find-route"
        onClick={() => {
          way.value = null;
          void ask(`/route?from=${begin}&to=${to.value!.join(",")}&${chosen}`, (answer) => (way.value = answer as Way));
        }}
      >
        {t("route.find")}
      </button>
    </footer>
  );
}

/** Which forecast an answer rests on, or that it rests on none. */
export function Grounds({ said }: { said: Said }) {
  return (
    <p class="soft small-print">
      {said.forecast ? (
        <>
          {t(`route.water.${said.water}`)} · {t("route.issued")} <Time at={said.issued} />
        </>
      ) : (
        <strong class="warn-text">{t("route.no_forecast")}</strong>
      )}
      {said.synthetic && <> · <em>{t("route.synthetic")}</em></>}
    </p>
  );
}

function WayCard({ way: found }: { way: Way }) {
  const longer = found.minutes - found.dry_minutes;
  return (
    <section class="card" data-testid="route-card">
      <h3>
        {t("route.minutes", { n: found.minutes.toFixed(0) })} · {(found.length_m / 1000).toFixed(1)} km
        <span class="spring" />
        <Time at={found.depart} />–<Time at={found.arrive} />
      </h3>
      <p>{longer >= 1 ? t("route.longer", { n: longer.toFixed(0), dry: found.dry_minutes.toFixed(0) }) : t("route.as_dry")}</p>
      <Grounds said={found} />
      {found.speed_assumed && longer >= 1 && <p class="warn-text small-print">{t("route.assumed")}</p>}
      {found.beyond && <p class="warn-text">{t("route.beyond")}</p>}
      {found.risky.length > 0 && <p class="warn-text">{t("route.risky", { roads: found.risky.join("、") })}</p>}
      {found.avoided.length > 0 && <h4>{t("route.avoided")}</h4>}
      <ul class="plain-list">
        {found.avoided.map((one) => (
          <Reason key={one.road + one.at} one={one} />
        ))}
      </ul>
      <h4>{t("route.legs")}</h4>
      <ol class="plain-list">
        {found.legs.map((leg) => (
          <li key={leg.enter + leg.name}>
            <button type="button" class="quiet" onClick={() => showOnMap(...leg.line[0]!)}>
              {named(leg)}
            </button>
            <span class="spring" />
            {leg.waits_min > 0 && <span class="warn-text">{t("route.waits", { n: leg.waits_min.toFixed(0) })}</span>}
            {leg.opened && <span class="warn-text">{t("roads.opened_because", { why: leg.opened })}</span>}
            {leg.depth_m > 0.01 && <span>{t("route.depth", { m: leg.depth_m.toFixed(2) })}</span>}
            <span class="soft">{(leg.length_m / 1000).toFixed(1)} km</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Reason({ one }: { one: Avoided }) {
  return (
    <li data-testid="avoided" data-effect={one.effect}>
      <span class={`effect effect-${one.effect}`}>{word("route.effect", one.effect)}</span>
      <span>{named(one)}</span>
      <span class="spring" />
      <span class="soft">
        <Time at={one.at} /> {one.effect === "closed" && one.why}
        {(one.effect === "blocked" || one.effect === "slow") && t("route.against", { m: one.depth_m.toFixed(2), limit: one.limit_m.toFixed(2) })}
      </span>
    </li>
  );
}
