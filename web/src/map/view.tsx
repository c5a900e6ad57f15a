/** The map with everything that lies on it. */

import type { Map as MapView } from "maplibre-gl";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Detail } from "../charts/detail";
import { t } from "../i18n";
import { session } from "../state";
import { createMap, flyTo, toCity, toStorm } from "./create";
import { DrawBar } from "./draw-bar";
import { Legend } from "./legend";
import { TimeSlider } from "./slider";
import { Switches } from "./switches";

const map = signal<MapView | null>(null);

/** Moves the map to a place, from wherever in the desk. */
export function showOnMap(lon: number, lat: number): void {
  const view = map.peek();
  if (view) flyTo(view, lon, lat);
}

export function MapPanel() {
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = createMap(container.current!);
    map.value = view;
    const observer = new ResizeObserver(() => view.resize());
    observer.observe(container.current!);
    return () => {
      observer.disconnect();
      view.remove();
    };
  }, []);
  return (
    <main class="map-panel" aria-label={t("map")}>
      <div ref={container} class="map" data-testid="map" />
      <div class="map-tools">
        <div class="segmented" role="group" aria-label={t("map.extent")}>
          <button type="button" onClick={() => map.value && toCity(map.value)}>
            {t("map.city")}
          </button>
          <button type="button" onClick={() => map.value && toStorm(map.value)}>
            {t("map.storm")}
          </button>
        </div>
        <Switches />
      </div>
      <DrawBar map={map.value} />
      <MapNotice />
      <Legend />
      <Detail />
      <TimeSlider />
    </main>
  );
}

/** This is no approved map, and parts of it are invented: said where one looks at it. */
function MapNotice() {
  const synthetic = session.value.value?.city.synthetic ?? [];
  return (
    <p class="map-notice" data-testid="map-notice">
      <strong>{t("map.not_standard")}</strong>
      {synthetic.length > 0 && <span title={synthetic.join("、")}>{t("map.synthetic")}</span>}
    </p>
  );
}
