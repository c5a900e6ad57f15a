/** Layers of the dispatch tab: roads closed by forecast water, routes, reach, who is sent where. */

import { effect } from "@preact/signals";
import type { GeoJSONSource, LayerSpecification, Map as MapView } from "maplibre-gl";
import { moment, shown } from "../map/view-state";
import { shortly } from "../i18n";
import { eventNow, live } from "../state";
import type { At } from "./shapes";
import { from, lines, pickedRoad, picking, reach, roads, stretch, to, way } from "./state";

const NOTHING = { type: "FeatureCollection" as const, features: [] };
const SOURCES = ["reach", "passability", "by-hand", "sent", "way", "resources"] as const;
const FONT = ["Noto Sans SC Variable", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];

const LAYERS: LayerSpecification[] = [
  {
    id: "reach",
    type: "fill",
    source: "reach",
    paint: { "fill-color": "#6fe0cd", "fill-opacity": 0.14, "fill-outline-color": "#6fe0cd" },
  },
  {
    id: "passability",
    type: "line",
    source: "passability",
    layout: { "line-cap": "round" },
    paint: {
      "line-color": ["match", ["get", "state"], "closed", "#ff5d5d", "slow", "#ffb454", "#7f9aa3"],
      "line-width": ["interpolate", ["linear"], ["zoom"], 9, ["match", ["get", "state"], "open", 0.8, 2.2], 13, ["match", ["get", "state"], "open", 2, 5]],
      "line-opacity": ["match", ["get", "state"], "open", 0.55, 0.95],
    },
  },
  {
    id: "by-hand-edge",
    type: "line",
    source: "by-hand",
    layout: { "line-cap": "round" },
    paint: { "line-color": "#081115", "line-width": 9 },
  },
  {
    id: "by-hand",
    type: "line",
    source: "by-hand",
    layout: { "line-cap": "butt" },
    paint: {
      "line-color": ["match", ["get", "effect"], "closed", "#ff5d5d", "open", "#6fe0cd", "#ffffff"],
      "line-width": 6,
      "line-dasharray": [1.2, 0.6],
    },
  },
  {
    id: "sent",
    type: "line",
    source: "sent",
    paint: {
      "line-color": ["match", ["get", "tone"], "assign", "#6fe0cd", "changed", "#ffb454", "#d0a6ff"],
      "line-width": 2,
      "line-dasharray": [2, 1.5],
    },
  },
  {
    id: "way-avoided",
    type: "line",
    source: "way",
    filter: ["==", ["get", "part"], "avoided"],
    layout: { "line-cap": "butt" },
    paint: {
      "line-color": ["match", ["get", "effect"], "slow", "#ffb454", "later", "#c7cdd0", "#ff5d5d"],
      "line-width": 5,
      "line-dasharray": [1, 1],
    },
  },
  {
    id: "way-taken",
    type: "line",
    source: "way",
    filter: ["==", ["get", "part"], "taken"],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": "#6fe0cd", "line-width": 4.5 },
  },
  {
    id: "way-ends",
    type: "circle",
    source: "way",
    filter: ["==", ["get", "part"], "end"],
    paint: {
      "circle-radius": 7,
      "circle-color": ["match", ["get", "end"], "from", "#6fe0cd", "#ffffff"],
      "circle-stroke-color": "#081115",
      "circle-stroke-width": 2,
    },
  },
];

/** What is kept and sent, above everything: depots, teams and equipment by state, shelters. */
const ABOVE: LayerSpecification[] = [
  {
    id: "resources",
    type: "circle",
    source: "resources",
    paint: {
      "circle-radius": ["match", ["get", "sort"], "depot", 8, "shelter", 7, 5],
      "circle-color": [
        "match", ["get", "state"],
        "ready", "#6fe0cd", "out", "#ffb454", "resting", "#7f9aa3", "repair", "#ff7a7a",
        "depot", "#ffffff", "full", "#ff7a7a", "open", "#d0a6ff", "#5b4a78",
      ],
      "circle-stroke-color": "#081115",
      "circle-stroke-width": 1.5,
    },
  },
  {
    id: "resources-label",
    type: "symbol",
    source: "resources",
    minzoom: 11,
    layout: {
      "text-field": ["get", "label"],
      "text-font": FONT,
      "text-size": 12,
      "text-anchor": "top",
      "text-offset": [0, 0.8],
    },
    paint: { "text-color": "#e4eef0", "text-halo-color": "#071014", "text-halo-width": 1.4 },
  },
];

/** Adds the layers under `before`; the answer ends what keeps them in step. */
export function addDispatchLayers(map: MapView, before: string): () => void {
  for (const name of SOURCES) map.addSource(name, { type: "geojson", data: NOTHING });
  for (const layer of LAYERS) map.addLayer(layer, before);
  for (const layer of ABOVE) map.addLayer(layer);
  const set = (name: (typeof SOURCES)[number], features: GeoJSON.Feature[]): void => {
    map.getSource<GeoJSONSource>(name)?.setData({ type: "FeatureCollection", features });
  };
  const stop = [
    effect(() => set("reach", reach.value?.features ?? [])),
    effect(() => set("passability", shown.value.passability ? passability() : [])),
    effect(() => set("by-hand", ordered())),
    effect(() => set("sent", lines.value.map((one) => line([one.from, one.to], { tone: one.tone })))),
    effect(() => set("way", wayFeatures())),
    effect(() => set("resources", shown.value.resources ? resourceFeatures() : [])),
    effect(() => void (map.getCanvas().style.cursor = picking.value ? "crosshair" : "")),
  ];
  map.on("click", (event) => {
    const end = picking.peek();
    if (!end) return;
    ({ from, to, road: pickedRoad })[end].value = [event.lngLat.lng, event.lngLat.lat];
    // after every other listener of this click has seen what it was for
    setTimeout(() => (picking.value = null));
  });
  return () => stop.forEach((end) => end());
}

function line(at: At[], properties: GeoJSON.GeoJsonProperties): GeoJSON.Feature {
  return { type: "Feature", geometry: { type: "LineString", coordinates: at }, properties };
}

/** Roads as they are at the moment on the slider, else now. */
function passability(): GeoJSON.Feature[] {
  const at = moment.value ? Date.parse(moment.value) : eventNow();
  return (roads.value?.features ?? []).map((feature) => {
    const { closed, slow } = feature.properties;
    const holds = (spans: typeof closed) =>
      spans.some(([begin, end]) => Date.parse(begin) <= at && (end === null || at < Date.parse(end)));
    const state = holds(closed) ? "closed" : holds(slow) ? "slow" : "open";
    return { ...feature, properties: { ...feature.properties, state } };
  });
}

/** Roads closed and opened by hand, and the one that was clicked on. */
function ordered(): GeoJSON.Feature[] {
  const asked = stretch.value;
  return [
    ...(live.roadOrders.value.value ?? []).flatMap((one) => one.lines.map((at) => line(at, { effect: one.effect }))),
    ...(asked ? [line(asked.found.line, { effect: "asked" })] : []),
  ];
}

function wayFeatures(): GeoJSON.Feature[] {
  const found = way.value;
  const features: GeoJSON.Feature[] = [
    ...(found?.avoided ?? []).map((one) => line(one.line, { part: "avoided", effect: one.effect })),
    ...(found?.legs ?? []).map((one) => line(one.line, { part: "taken" })),
  ];
  for (const [end, at] of [["from", from.value], ["to", to.value]] as const) {
    if (at) features.push({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { part: "end", end } });
  }
  return features;
}

/** Things of one home stand in a ring round it, so that each can be seen. */
function resourceFeatures(): GeoJSON.Feature[] {
  const known = live.resources.value.value;
  if (!known) return [];
  const at = (lon: number, lat: number, properties: GeoJSON.GeoJsonProperties): GeoJSON.Feature => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties,
  });
  const seats = new Map<string, number>();
  return [
    ...known.shelters.map((one) =>
      at(one.lon, one.lat, {
        sort: "shelter",
        state: one.taken >= one.capacity ? "full" : one.open ? "open" : "closed",
        label: `${shortly(one)} ${one.taken}/${one.capacity}`,
      }),
    ),
    ...known.depots.map((one) => at(one.lon, one.lat, { sort: "depot", state: "depot", label: shortly(one) })),
    ...known.assets.map((one) => {
      const home = `${one.lon},${one.lat}`;
      const seat = seats.get(home) ?? 0;
      seats.set(home, seat + 1);
      const angle = (seat % 8) * (Math.PI / 4);
      const far = 0.004 * (1 + Math.floor(seat / 8));
      return at(one.lon + far * Math.cos(angle), one.lat + far * 0.86 * Math.sin(angle), {
        sort: one.kind,
        state: one.state,
        label: "",
      });
    }),
  ];
}
