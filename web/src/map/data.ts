/** Answers of the service as the map's sources want them. Pure but for the language. */

import type {
  DepthReport,
  PlaceProperties,
  Station,
  TerritoryProperties,
} from "../api/contract";
import { named, shortly, word } from "../i18n";
import { STATE_COLOUR } from "./icons";

type Collection<P> = GeoJSON.FeatureCollection<GeoJSON.Geometry, P>;
type Features = GeoJSON.Feature[];

function point(lon: number, lat: number): GeoJSON.Point {
  return { type: "Point", coordinates: [lon, lat] };
}

/** Value with its unit, or a dash: "4.32 m". */
export function reading(station: Station): string {
  const value = station.latest?.value;
  if (value === null || value === undefined) return "—";
  return `${value.toFixed(station.quantity === "rain" ? 1 : 2)} ${station.unit}`;
}

const ORDER: Record<string, number> = { guarantee: 0, warning: 1, normal: 2, stale: 3, none: 4 };

/** Station names as a map has room for: "当湖水位站（虚构）" is 当湖. */
function shortStation(name: string): string {
  return name
    .replace(/（[^）]*）$/, "")
    .replace(/(街道|镇)?(水位站|雨量站|潮位站|测风站)$/, "")
    .replace(/ (tide|rain|river) gauge$| wind mast$/, "");
}

/** Stations nearer to each other than this (degrees) would cover one another's marks. */
const NEAR = 0.02;

/** Seats round one spot: on it, left of it, below it (see the style's `SEAT_…`). */
const SEATS = 3;

/** Levels first: they keep the place itself, rain and wind stand beside it. */
const RANK: Record<string, number> = { tide: 0, river_level: 1, flow: 2, rain: 3, wind: 4 };

/** Levels are named; rain and wind stand by a town's name, and no rain is not worth a word. */
function words(station: Station): string {
  if (station.quantity === "rain" && !station.latest?.value) return "";
  const name = station.quantity === "rain" || station.quantity === "wind" ? "" : shortStation(named(station));
  return `${name} ${reading(station)}`.trim();
}

export function stationFeatures(stations: readonly Station[]): Features {
  const ranked = [...stations].sort((a, b) => (RANK[a.quantity] ?? 5) - (RANK[b.quantity] ?? 5));
  return ranked.map((station, i) => {
    const near = ranked
      .slice(0, i)
      .filter((one) => Math.hypot(one.lon - station.lon, one.lat - station.lat) < NEAR);
    return {
      type: "Feature",
      geometry: point(station.lon, station.lat),
      properties: {
        id: station.id,
        icon: `station-${station.quantity}-${station.state}`,
        label: words(station),
        colour: STATE_COLOUR[station.state] ?? STATE_COLOUR.none!,
        order: ORDER[station.state] ?? 4,
        seat: near.length % SEATS,
      },
    };
  });
}

export function placeFeatures(places: Collection<PlaceProperties>): Features {
  return places.features.map((feature) => {
    const place = feature.properties;
    return {
      type: "Feature",
      geometry: feature.geometry,
      properties: {
        id: place.id,
        label: shortly(place),
        kind: word("place", place.kind),
        probability: place.hazard?.probability_attention ?? 0,
        danger: place.hazard?.probability_danger ?? 0,
      },
    };
  });
}

export function reportFeatures(reports: Collection<DepthReport>): Features {
  return reports.features.map(({ geometry, properties }) => ({
    type: "Feature",
    geometry,
    properties: { id: properties.id, icon: `report-${properties.depth_class}`, trust: properties.trust },
  }));
}

/** One label point per town and village: its own position, else the middle of its box. */
export function labelFeatures(
  territory: Collection<TerritoryProperties & { lon?: number; lat?: number }>,
): Features {
  return territory.features.map((feature) => {
    const { properties, geometry } = feature;
    const at =
      properties.lon !== undefined && properties.lat !== undefined
        ? point(properties.lon, properties.lat)
        : geometry.type === "Point"
          ? geometry
          : middle(geometry);
    const label = properties.level === "village" ? shortVillage(named(properties)) : named(properties);
    return { type: "Feature", geometry: at, properties: { level: properties.level, label } };
  });
}

/** Village names without the committee: "水洞埭社区居委会" is 水洞埭社区 on a map. */
export function shortVillage(name: string): string {
  return name.replace(/(居民委员会|居委会|村民委员会|村委会)$/, "");
}

function middle(geometry: GeoJSON.Geometry): GeoJSON.Point {
  const found: number[][] = [];
  const walk = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    if (typeof value[0] === "number") found.push(value as number[]);
    else value.forEach(walk);
  };
  if ("coordinates" in geometry) walk(geometry.coordinates);
  const lons = found.map((at) => at[0]!);
  const lats = found.map((at) => at[1]!);
  return point(
    (Math.min(...lons) + Math.max(...lons)) / 2,
    (Math.min(...lats) + Math.max(...lats)) / 2,
  );
}
