/** Making the map, and keeping its sources and switches in step with what the desk knows. */

import { effect } from "@preact/signals";
import { GeoJSONSource, Map as MapView, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { LonLat, Track } from "../api/contract";
import { addDispatchLayers } from "../dispatch/map-layers";
import { picking } from "../dispatch/state";
import { named } from "../i18n";
import { layers, live, session, territory } from "../state";
import { labelFeatures, placeFeatures, reportFeatures, stationFeatures } from "./data";
import { DepthLayer } from "./depth-layer";
import { addDrawing } from "./draw-layers";
import { drawing } from "./drawing-state";
import { addIcons } from "./icons";
import { addRain } from "./rain";
import { graticule, LAYERS_OF, style, WATER_BEFORE, type SourceName } from "./style";
import { trackBounds, trackFeatures } from "./track";
import { selection, shown, SWITCHES } from "./view-state";
import { showWater } from "./water";

setWorkerUrl(workerUrl);

/** Room for what lies on the map: tools above, the slider below. */
const CLEAR = { top: 56, right: 40, bottom: 128, left: 40 };

export function createMap(container: HTMLElement): MapView {
  const city = session.value.peek()!.city;
  const map = new MapView({
    container,
    style: style(),
    bounds: city.bounds,
    fitBoundsOptions: { padding: CLEAR },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxZoom: 16,
    minZoom: 3,
    localIdeographFontFamily:
      "'Noto Sans SC Variable','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif",
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-right");
  map.on("load", () => furnish(map, city.centre));
  // until somebody moves it, the map shows the whole city at whatever size it is given
  let moved = false;
  map.on("movestart", (event) => (moved ||= "originalEvent" in event && Boolean(event.originalEvent)));
  map.on("resize", () => !moved && map.fitBounds(city.bounds, { padding: CLEAR, animate: false }));
  return map;
}

function furnish(map: MapView, centre: LonLat): void {
  addIcons(map);
  const water = new DepthLayer();
  map.addLayer(water, WATER_BEFORE);
  const set = (name: SourceName, features: GeoJSON.Feature[]): void => {
    map.getSource<GeoJSONSource>(name)?.setData({ type: "FeatureCollection", features });
  };
  set("graticule", graticule(centre).features);
  const stop = [
    effect(() => set("layers", layers.value.value?.features ?? [])),
    effect(() => set("territory", territory.value.value?.features ?? [])),
    effect(() => {
      const known = territory.value.value;
      set("labels", known ? labelFeatures(known) : []);
    }),
    effect(() => set("stations", stationFeatures(live.stations.value.value ?? []))),
    effect(() => {
      const known = live.places.value.value;
      set("places", known ? placeFeatures(known) : []);
    }),
    effect(() => {
      const told = live.reports.value.value;
      set("reports", told ? reportFeatures(told) : []);
    }),
    effect(() => {
      const track = live.track.value.value;
      set("track", trackFeatures(track, stormLabel(track)));
    }),
    effect(() => set("selected", selectedFeature())),
    addDispatchLayers(map, "works"),
    effect(() => {
      for (const name of SWITCHES) {
        const visibility = shown.value[name] ? "visible" : "none";
        for (const layer of LAYERS_OF[name]) map.setLayoutProperty(layer, "visibility", visibility);
      }
    }),
    showWater(water),
    addRain(map, water.id),
    addDrawing(map),
  ];
  map.on("remove", () => stop.forEach((end) => end()));
  listen(map);
}

function listen(map: MapView): void {
  for (const [layer, kind] of [["places", "place"], ["reports", "report"], ["stations", "station"]] as const) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    map.on("click", layer, (event) => {
      const id = event.features?.[0]?.properties["id"] as string | undefined;
      if (id && !drawing.peek() && !picking.peek()) selection.value = { kind, id };
    });
  }
}

function stormLabel(track: Track | null): string {
  const last = track?.fixes.at(-1);
  if (!track?.storm || !last) return "";
  return `${named(track.storm)}\n${last.wind_ms} m/s  ${last.pressure_hpa} hPa`;
}

function selectedFeature(): GeoJSON.Feature[] {
  const chosen = selection.value;
  if (!chosen) return [];
  if (chosen.kind === "station") {
    const station = live.stations.value.value?.find((one) => one.id === chosen.id);
    if (!station) return [];
    const at: GeoJSON.Point = { type: "Point", coordinates: [station.lon, station.lat] };
    return [{ type: "Feature", geometry: at, properties: {} }];
  }
  const known = chosen.kind === "report" ? live.reports : live.places;
  const place = known.value.value?.features.find((one) => one.properties.id === chosen.id);
  return place ? [{ type: "Feature", geometry: place.geometry, properties: {} }] : [];
}

export function toCity(map: MapView): void {
  map.fitBounds(session.value.peek()!.city.bounds, { padding: CLEAR });
}

export function toStorm(map: MapView): void {
  const track = live.track.value.peek();
  const bounds = track && trackBounds(track);
  if (bounds) map.fitBounds(bounds, { padding: { ...CLEAR, left: 120, right: 120 }, maxZoom: 8 });
}

export function flyTo(map: MapView, lon: number, lat: number): void {
  map.flyTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 12.5) });
}
