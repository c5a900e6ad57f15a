/** The storm on the map: fixes known by now, wind circles by quadrant, where members take it. */

import type { Fix, LonLat, Radii, Track } from "../api/contract";

type Feature = GeoJSON.Feature<GeoJSON.Geometry, Record<string, unknown>>;

const EARTH_KM = 6371;
const QUARTER_POINTS = 16;

/** Point `km` away from `from` towards `bearing` (degrees from north, clockwise), on a sphere. */
export function destination(from: LonLat, bearing: number, km: number): LonLat {
  const rad = Math.PI / 180;
  const arc = km / EARTH_KM;
  const [lon, lat, b] = [from[0] * rad, from[1] * rad, bearing * rad];
  const there = Math.asin(Math.sin(lat) * Math.cos(arc) + Math.cos(lat) * Math.sin(arc) * Math.cos(b));
  const turn = Math.atan2(
    Math.sin(b) * Math.sin(arc) * Math.cos(lat),
    Math.cos(arc) - Math.sin(lat) * Math.sin(there),
  );
  return [(lon + turn) / rad, there / rad];
}

/** Ring of a wind circle; `radii` are those of the NE, SE, SW and NW quarters in km. */
export function windRing(centre: LonLat, radii: Radii): LonLat[] {
  const ring: LonLat[] = [];
  for (const [quarter, km] of radii.entries()) {
    for (let i = 0; i <= QUARTER_POINTS; i++) {
      ring.push(destination(centre, quarter * 90 + (i * 90) / QUARTER_POINTS, km));
    }
  }
  ring.push(ring[0]!);
  return ring;
}

function line(points: LonLat[], kind: string): Feature {
  return {
    type: "Feature",
    geometry: { type: "LineString", coordinates: points },
    properties: { kind },
  };
}

/** The part of a forecast track that is still ahead: what has been is told by the fixes. */
function outlook(points: readonly [string, number, number][], last: Fix | undefined, kind: string): Feature[] {
  const now = last ? Date.parse(last.time) : -Infinity;
  const ahead = points.filter(([time]) => Date.parse(time) >= now);
  return ahead.length > 1 ? [line(ahead.map(([, lon, lat]) => [lon, lat]), kind)] : [];
}

/** Everything of the track as features; `label` names the storm at its latest fix. */
export function trackFeatures(track: Track | null, label: string): Feature[] {
  if (!track) return [];
  const features: Feature[] = [];
  const last = track.fixes.at(-1);
  for (const member of track.forecast?.members ?? []) features.push(...outlook(member, last, "member"));
  features.push(...outlook(track.forecast?.mean ?? [], last, "mean"));
  for (const { agency, fixes } of track.agencies) {
    const points = fixes.map((fix): LonLat => [fix.lon, fix.lat]);
    const from: LonLat[] = last ? [[last.lon, last.lat]] : [];
    features.push({
      type: "Feature",
      geometry: { type: "LineString", coordinates: [...from, ...points] },
      properties: { kind: "agency", agency },
    });
  }
  if (track.fixes.length > 1) {
    features.push(line(track.fixes.map((fix) => [fix.lon, fix.lat]), "past"));
  }
  for (const fix of track.fixes) {
    features.push({
      type: "Feature",
      geometry: { type: "Point", coordinates: [fix.lon, fix.lat] },
      properties: { kind: "fix", wind: fix.wind_ms },
    });
  }
  if (!last) return features;
  const centre: LonLat = [last.lon, last.lat];
  for (const [force, radii] of [["r7", last.r7], ["r10", last.r10], ["r12", last.r12]] as const) {
    if (!radii) continue;
    features.push({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [windRing(centre, radii)] },
      properties: { kind: "wind", force },
    });
  }
  features.push({
    type: "Feature",
    geometry: { type: "Point", coordinates: centre },
    properties: { kind: "storm", label },
  });
  return features;
}

/** West, south, east, north of the fixes and the mean track. */
export function trackBounds(track: Track): [LonLat, LonLat] | null {
  const points = [
    ...track.fixes.map((fix): LonLat => [fix.lon, fix.lat]),
    ...(track.forecast?.mean ?? []).map(([, lon, lat]): LonLat => [lon, lat]),
  ];
  if (!points.length) return null;
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  return [
    [Math.min(...lons), Math.min(...lats)],
    [Math.max(...lons), Math.max(...lats)],
  ];
}
