/** The map of the street: the city's own lines, water, shelters, reports, tasks and oneself. No tiles. */

import { effect } from "@preact/signals";
import { GeoJSONSource, Map as MapView, ScaleControl, setWorkerUrl, type LayerSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { LonLat } from "../api/contract";
import { shortly } from "../i18n";
import { labelFeatures } from "../map/data";
import { DepthLayer } from "../map/depth-layer";
import { session } from "../state";
import { frameOf } from "./ground";
import { moment } from "./moment";
import { tasks, territory } from "./state";
import { frames, here, street } from "./street";

setWorkerUrl(workerUrl);

const FONT = ["Noto Sans SC Variable", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];
const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const NAMES = ["territory", "lines", "labels", "reports", "tasks", "shelters", "me"] as const;
type Name = (typeof NAMES)[number];

const INK = { "text-color": "#dce9ec", "text-halo-color": "#071014", "text-halo-width": 1.6 };

function label(source: Name, size: number, more: object = {}): LayerSpecification {
  return {
    id: `${source}-label`,
    type: "symbol",
    source,
    layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": size, "text-anchor": "top", "text-offset": [0, 0.8], ...more },
    paint: INK,
  } as LayerSpecification;
}

function spot(source: Name, radius: number, fill: string, ring: string): LayerSpecification {
  return {
    id: source,
    type: "circle",
    source,
    paint: { "circle-radius": radius, "circle-color": fill, "circle-stroke-color": ring, "circle-stroke-width": 2.5 },
  };
}

const LAYERS: LayerSpecification[] = [
  { id: "ground", type: "background", paint: { "background-color": "#0b171c" } },
  { id: "city", type: "fill", source: "territory", filter: ["==", ["get", "level"], "city"], paint: { "fill-color": "#15272f" } },
  { id: "river", type: "line", source: "lines", filter: ["==", ["get", "kind"], "river"], paint: { "line-color": "#3f7f8f", "line-width": 2 } },
  { id: "road", type: "line", source: "lines", filter: ["!=", ["get", "kind"], "river"], paint: { "line-color": "#6b7b82", "line-width": 1.2 } },
  { id: "towns", type: "line", source: "territory", filter: ["!=", ["get", "level"], "village"], paint: { "line-color": "#5f7a84", "line-width": 1 } },
  { ...label("labels", 13, { "text-anchor": "center", "text-offset": [0, 0] }), filter: ["==", ["get", "level"], "town"] } as LayerSpecification,
  spot("reports", 6, "#1c9c94", "#ffffff"),
  label("reports", 12),
  spot("tasks", 9, "#ffffff", "#0e2226"),
  label("tasks", 13),
  // squares stand for shelters in the list; on the map the biggest mark is theirs
  spot("shelters", 8, "#6fe0cd", "#04201c"),
  { ...label("shelters", 13), minzoom: 11.5 } as LayerSpecification,
  spot("me", 8, "#b78af0", "#ffffff"),
];

function points(items: readonly { at: LonLat; label: string }[]): GeoJSON.Feature[] {
  return items.map(({ at, label: words }) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: at },
    properties: { label: words },
  }));
}

export function createStreetMap(container: HTMLElement): MapView {
  const { bounds } = session.value.peek()!.city;
  const map = new MapView({
    container,
    style: {
      version: 8,
      sources: Object.fromEntries(NAMES.map((name) => [name, { type: "geojson" as const, data: NOTHING }])),
      layers: LAYERS,
    },
    bounds,
    fitBoundsOptions: { padding: 12 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxZoom: 17,
    minZoom: 8,
    localIdeographFontFamily: FONT.map((name) => `'${name}'`).join(","),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 100 }), "bottom-left");
  map.on("load", () => furnish(map));
  return map;
}

function furnish(map: MapView): void {
  const water = new DepthLayer();
  map.addLayer(water, "river");
  const set = (name: Name, features: GeoJSON.Feature[]) =>
    map.getSource<GeoJSONSource>(name)?.setData({ type: "FeatureCollection", features });
  let followed = false;
  const stop = [
    effect(() => {
      const known = territory.value.value;
      set("territory", known?.features ?? []);
      set("labels", known ? labelFeatures(known) : []);
    }),
    effect(() => {
      const known = street.value.value;
      set("lines", known?.lines.features ?? []);
      set("shelters", points((known?.shelters ?? []).map((one) => ({ at: [one.lon, one.lat], label: shortly(one) }))));
      set("reports", points((known?.reports ?? []).map((one) => ({ at: [one.lon, one.lat], label: `${one.low_m}–${one.high_m} m` }))));
    }),
    effect(() => {
      const mine = (tasks.value.value ?? []).filter((one) => one.state !== "done" && one.lon !== null && one.lat !== null);
      set("tasks", points(mine.map((one) => ({ at: [one.lon!, one.lat!], label: one.title }))));
    }),
    effect(() => {
      const me = here();
      set("me", me ? points([{ at: me.at, label: "" }]) : []);
      // once: to where one is; afterwards the map stays where it was moved
      if (me && !followed) map.jumpTo({ center: me.at, zoom: 12.5 });
      followed ||= me !== null;
    }),
    effect(() => {
      const known = street.value.value?.water ?? null;
      const index = moment.value;
      const frame = known && frames.value && index !== null ? frameOf(known, frames.value, index) : null;
      if (known) water.show(known.grid, "depth", frame ? { before: frame, after: frame, share: 0 } : null);
    }),
  ];
  map.on("remove", () => stop.forEach((end) => end()));
}
