/** The map's style: plain dark ground, the city's own lines, marks and labels. No tiles. */

import type {
  ExpressionSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";
import type { LonLat } from "../api/contract";
import { css, PROBABILITY_RAMP } from "../depth";

const FONT = ["Noto Sans SC Variable", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];
const HALO = { "text-halo-color": "#071014", "text-halo-width": 1.6, "text-halo-blur": 0.3 };
const GROUND = "#081115";

const probabilityColour: ExpressionSpecification = [
  "interpolate",
  ["linear"],
  ["get", "probability"],
  0,
  "#3b4a52",
  ...PROBABILITY_RAMP.slice(1).flatMap(({ at, colour }) => [at, css([...colour.slice(0, 3), 1] as never)]),
] as never;

const of = (...kinds: string[]): ExpressionSpecification => [
  "in",
  ["get", "kind"],
  ["literal", kinds],
];

/** Stations that share a spot: where mark (px) and words (em) of each seat stand. */
type Shift = [number, number];
function bySeat(first: Shift, left: Shift, below: Shift): ExpressionSpecification {
  const seat: ExpressionSpecification = ["get", "seat"];
  return ["match", seat, 1, ["literal", left], 2, ["literal", below], ["literal", first]];
}
const SEAT_SHIFT = bySeat([0, 0], [-27, 0], [0, 34]);
const SEAT_WORDS = bySeat([1.15, 0], [-3.3, 0], [1.15, 2.2]);

const SOURCES = [
  "graticule",
  "territory",
  "labels",
  "layers",
  "track",
  "places",
  "reports",
  "stations",
  "selected",
] as const;
export type SourceName = (typeof SOURCES)[number];

/** Layers below the water, in drawing order. */
const BELOW: LayerSpecification[] = [
  { id: "ground", type: "background", paint: { "background-color": GROUND } },
  {
    id: "graticule",
    type: "line",
    source: "graticule",
    paint: { "line-color": ["case", ["get", "labelled"], "#1d333c", "#111f25"], "line-width": 1 },
  },
  {
    id: "graticule-label",
    type: "symbol",
    source: "graticule",
    filter: ["get", "labelled"],
    maxzoom: 9,
    layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 11, "symbol-placement": "line" },
    paint: { "text-color": "#3d535c" },
  },
  {
    id: "city",
    type: "fill",
    source: "territory",
    filter: ["==", ["get", "level"], "city"],
    paint: { "fill-color": "#13242b" },
  },
  {
    id: "polders",
    type: "fill",
    source: "layers",
    filter: of("polder"),
    paint: { "fill-color": "#2b4a4a", "fill-opacity": 0.28, "fill-outline-color": "#4a7a78" },
  },
];

/** Layers above the water. */
const ABOVE: LayerSpecification[] = [
  {
    id: "rivers",
    type: "line",
    source: "layers",
    filter: of("river"),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": "#3f7f8f",
      "line-opacity": 0.75,
      "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.8, 13, 3.2],
    },
  },
  {
    id: "roads",
    type: "line",
    source: "layers",
    filter: of("road", "embankment"),
    layout: { "line-cap": "round" },
    paint: {
      "line-color": "#55646b",
      "line-opacity": 0.7,
      "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 13, 2],
    },
  },
  {
    id: "dikes",
    type: "line",
    source: "layers",
    filter: of("dike", "sea_dike"),
    paint: {
      "line-color": ["match", ["get", "kind"], "sea_dike", "#d9e4e6", "#90a4aa"],
      "line-width": ["match", ["get", "kind"], "sea_dike", 2.4, 1.2],
    },
  },
  {
    id: "towns",
    type: "line",
    source: "territory",
    filter: ["==", ["get", "level"], "town"],
    paint: { "line-color": "#5f7a84", "line-width": 1, "line-dasharray": [4, 3], "line-opacity": 0.7 },
  },
  {
    id: "outline",
    type: "line",
    source: "territory",
    filter: ["==", ["get", "level"], "city"],
    paint: { "line-color": "#9fbac2", "line-width": 1.6 },
  },
  {
    id: "wind",
    type: "fill",
    source: "track",
    filter: ["==", ["get", "kind"], "wind"],
    paint: { "fill-color": "#e8f4f6", "fill-opacity": ["interpolate", ["linear"], ["zoom"], 7, 0.055, 9.5, 0] },
  },
  {
    id: "wind-line",
    type: "line",
    source: "track",
    filter: ["==", ["get", "kind"], "wind"],
    paint: { "line-color": "#e8f4f6", "line-opacity": 0.45, "line-width": 1.1 },
  },
  {
    id: "track-members",
    type: "line",
    source: "track",
    filter: ["==", ["get", "kind"], "member"],
    paint: { "line-color": "#cfe4e8", "line-opacity": ["interpolate", ["linear"], ["zoom"], 7.5, 0.22, 10, 0.04], "line-width": 1.2 },
  },
  {
    id: "track-mean",
    type: "line",
    source: "track",
    filter: ["==", ["get", "kind"], "mean"],
    paint: { "line-color": "#ffffff", "line-width": 2, "line-dasharray": [3, 2] },
  },
  {
    id: "track-agencies",
    type: "line",
    source: "track",
    filter: ["==", ["get", "kind"], "agency"],
    paint: { "line-color": "#b78af0", "line-width": 1.6, "line-dasharray": [2, 2] },
  },
  {
    id: "track-agency-names",
    type: "symbol",
    source: "track",
    filter: ["==", ["get", "kind"], "agency"],
    layout: { "symbol-placement": "line", "text-field": ["get", "agency"], "text-size": 11, "text-font": FONT },
    paint: { "text-color": "#b78af0", "text-halo-color": "#081115", "text-halo-width": 1.2 },
  },
  {
    id: "track-past",
    type: "line",
    source: "track",
    filter: ["==", ["get", "kind"], "past"],
    paint: { "line-color": "#ffffff", "line-width": 2.4, "line-opacity": 0.85 },
  },
  {
    id: "track-fixes",
    type: "circle",
    source: "track",
    filter: ["==", ["get", "kind"], "fix"],
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["get", "wind"], 15, 2, 50, 5],
      "circle-color": "#ffffff",
      "circle-stroke-color": "#081115",
      "circle-stroke-width": 1,
    },
  },
  {
    id: "works",
    type: "symbol",
    source: "layers",
    filter: of("pump", "flap_gate", "team"),
    layout: { "icon-image": ["concat", "work-", ["get", "kind"]], "icon-size": 0.9 },
  },
  {
    id: "shelters",
    type: "symbol",
    source: "layers",
    filter: of("shelter"),
    layout: { "icon-image": "work-shelter", "icon-size": 0.9 },
  },
  {
    id: "villages",
    type: "circle",
    source: "labels",
    filter: ["==", ["get", "level"], "village"],
    minzoom: 11,
    paint: { "circle-radius": 2, "circle-color": "#7d939b" },
  },
  {
    id: "places",
    type: "circle",
    source: "places",
    minzoom: 7.5,
    layout: { "circle-sort-key": ["get", "probability"] },
    paint: {
      "circle-color": probabilityColour,
      "circle-radius": [
        "interpolate",
        ["linear"],
        ["zoom"],
        9,
        ["interpolate", ["linear"], ["get", "probability"], 0, 2.4, 1, 5],
        13,
        ["interpolate", ["linear"], ["get", "probability"], 0, 5, 1, 10],
      ],
      "circle-stroke-color": ["case", [">=", ["get", "danger"], 0.5], "#ffffff", "#081115"],
      "circle-stroke-width": ["case", [">=", ["get", "danger"], 0.5], 1.8, 1],
    },
  },
  {
    id: "selected",
    type: "circle",
    source: "selected",
    paint: {
      "circle-radius": 17,
      "circle-color": "rgba(0,0,0,0)",
      "circle-stroke-color": "#6fe0cd",
      "circle-stroke-width": 2.5,
    },
  },
  {
    id: "stations",
    type: "symbol",
    source: "stations",
    minzoom: 7.5,
    layout: {
      "icon-image": ["get", "icon"],
      "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.7, 11, 1],
      "icon-allow-overlap": true,
      "icon-offset": SEAT_SHIFT,
      "text-field": ["get", "label"],
      "text-font": FONT,
      "text-size": ["interpolate", ["linear"], ["zoom"], 9, 12, 13, 15],
      "text-anchor": ["match", ["get", "seat"], 1, "right", "left"],
      "text-offset": SEAT_WORDS,
      "text-max-width": 20,
      "text-optional": true,
      "symbol-sort-key": ["get", "order"],
    },
    paint: { "text-color": ["get", "colour"], ...HALO },
  },
  {
    id: "reports",
    type: "symbol",
    source: "reports",
    minzoom: 7.5,
    layout: {
      "icon-image": ["get", "icon"],
      "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.9, 12, 1.5],
      "icon-allow-overlap": true,
      "icon-anchor": "bottom",
      "symbol-sort-key": ["get", "trust"],
    },
    // what is hardly trusted is hardly there
    paint: { "icon-opacity": ["interpolate", ["linear"], ["get", "trust"], 0.3, 0.45, 0.9, 1] },
  },
  {
    id: "storm",
    type: "symbol",
    source: "track",
    filter: ["==", ["get", "kind"], "storm"],
    layout: {
      "icon-image": "storm",
      "icon-allow-overlap": true,
      "text-field": ["get", "label"],
      "text-font": FONT,
      "text-size": 15,
      "text-anchor": "left",
      "text-offset": [1.7, 0],
      "text-justify": "left",
    },
    paint: { "text-color": "#ffffff", ...HALO },
  },
  {
    id: "city-label",
    type: "symbol",
    source: "labels",
    filter: ["==", ["get", "level"], "city"],
    maxzoom: 8.5,
    layout: {
      "text-field": ["get", "label"],
      "text-font": FONT,
      "text-size": 15,
      "text-anchor": "right",
      "text-offset": [-1, 0],
    },
    paint: { "text-color": "#6fe0cd", ...HALO },
  },
  {
    id: "town-labels",
    type: "symbol",
    source: "labels",
    filter: ["==", ["get", "level"], "town"],
    minzoom: 8.5,
    layout: {
      "text-field": ["get", "label"],
      "text-font": FONT,
      "text-size": ["interpolate", ["linear"], ["zoom"], 9, 13, 12, 18],
      "text-letter-spacing": 0.12,
      "text-offset": [0, -1.7],
      "text-anchor": "bottom",
    },
    paint: { "text-color": "#b9ccd2", ...HALO },
  },
  {
    id: "place-labels",
    type: "symbol",
    source: "places",
    minzoom: 11.8,
    layout: {
      "text-field": ["get", "label"],
      "text-font": FONT,
      "text-size": 13,
      "text-variable-anchor": ["top", "bottom", "right", "left"],
      "text-radial-offset": 0.9,
      "symbol-sort-key": ["-", 1, ["get", "probability"]],
    },
    paint: { "text-color": "#dfd3f5", ...HALO },
  },
  {
    id: "village-labels",
    type: "symbol",
    source: "labels",
    filter: ["==", ["get", "level"], "village"],
    minzoom: 11,
    layout: {
      "text-field": ["get", "label"],
      "text-font": FONT,
      "text-size": 12,
      "text-anchor": "top",
      "text-offset": [0, 0.4],
    },
    paint: { "text-color": "#8ba1a9", ...HALO },
  },
];

/** Layer before which the water goes: it lies under every line and mark. */
export const WATER_BEFORE = "rivers";

/** Style layers behind each switch of the map. */
export const LAYERS_OF = {
  stations: ["stations"],
  places: ["places", "place-labels"],
  villages: ["villages", "village-labels"],
  water_lines: ["rivers"],
  dikes: ["dikes"],
  roads: ["roads"],
  passability: ["passability"],
  resources: ["resources", "resources-label"],
  polders: ["polders"],
  works: ["works"],
  shelters: ["shelters"],
  reports: ["reports"],
  // put on the map by itself, once there is rain to show
  rain: [],
  track: ["wind", "wind-line", "track-members", "track-mean", "track-agencies", "track-agency-names", "track-past", "track-fixes", "storm"],
} as const;

export function style(): StyleSpecification {
  const nothing = { type: "FeatureCollection" as const, features: [] };
  return {
    version: 8,
    sources: Object.fromEntries(
      SOURCES.map((name) => [name, { type: "geojson" as const, data: nothing }]),
    ),
    layers: [...BELOW, ...ABOVE],
  };
}

/** Whole meridians and parallels within 25° of `centre`: a storm at sea needs something behind it. */
export function graticule([lon, lat]: LonLat): GeoJSON.FeatureCollection {
  const reach = 25;
  const [west, east] = [Math.floor(lon) - reach, Math.ceil(lon) + reach];
  const [south, north] = [Math.max(-80, Math.floor(lat) - reach), Math.min(80, Math.ceil(lat) + reach)];
  const features: GeoJSON.Feature[] = [];
  const add = (coordinates: LonLat[], degree: number, label: string) =>
    features.push({
      type: "Feature",
      properties: { label, labelled: degree % 5 === 0 },
      geometry: { type: "LineString", coordinates },
    });
  for (let x = west; x <= east; x++) {
    add([[x, south], [x, north]], x, `${Math.abs(x)}°${x < 0 ? "W" : "E"}`);
  }
  for (let y = south; y <= north; y++) {
    add([[west, y], [east, y]], y, `${Math.abs(y)}°${y < 0 ? "S" : "N"}`);
  }
  return { type: "FeatureCollection", features };
}
