/** Where things lie: distances, directions, and the water at a spot. Pure. */

import type { Iso, LonLat } from "../api/contract";
import { depthOfCode } from "../depth";

/** A grid of water on the ground: corners SW, SE, NE, NW; row 0 of a frame is north. */
export interface Grid {
  corners: [LonLat, LonLat, LonLat, LonLat];
  nx: number;
  ny: number;
}

export interface Water {
  run: string;
  issued: Iso;
  frames: Iso[];
  grid: Grid;
}

export interface Shelter {
  id: string;
  name: string;
  lon: number;
  lat: number;
  capacity: number;
  /** Persons there now; null while nobody keeps count. */
  taken: number | null;
  /** Whether it takes people in; null while nobody says. */
  open: boolean | null;
  synthetic: boolean;
}

const EARTH_M = 6_371_008.8;
const RAD = Math.PI / 180;

/** Great-circle distance, m. */
export function metres([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): number {
  const a =
    Math.sin(((lat2 - lat1) * RAD) / 2) ** 2 +
    Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.sin(((lon2 - lon1) * RAD) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

export const POINTS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;

/** Which of eight directions leads from one spot to the other. */
export function direction([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): (typeof POINTS)[number] {
  const east = (lon2 - lon1) * Math.cos(((lat1 + lat2) / 2) * RAD);
  const turn = Math.atan2(east, lat2 - lat1) / RAD;
  return POINTS[Math.round(((turn + 360) % 360) / 45) % 8]!;
}

/** Column and row of the cell that holds a spot, null outside. */
export function cellOf({ corners: [sw, se, , nw], nx, ny }: Grid, [lon, lat]: LonLat): [number, number] | null {
  // the grid is a few dozen kilometres of a plane: its edges are straight enough in degrees
  const [ax, ay] = [se[0] - sw[0], se[1] - sw[1]];
  const [bx, by] = [nw[0] - sw[0], nw[1] - sw[1]];
  const [x, y] = [lon - sw[0], lat - sw[1]];
  const area = ax * by - ay * bx;
  const u = (x * by - y * bx) / area;
  const v = (ax * y - ay * x) / area;
  if (!(u >= 0 && u < 1 && v >= 0 && v < 1)) return null;
  return [Math.floor(u * nx), ny - 1 - Math.floor(v * ny)];
}

/** One frame of the water, or nothing when the run has none. */
export function frameOf(water: Water, bytes: Uint8Array, index: number): Uint8Array | null {
  const size = water.grid.nx * water.grid.ny;
  const frame = bytes.subarray(index * size, (index + 1) * size);
  return index >= 0 && frame.length === size ? frame : null;
}

/** Index of the frame that holds at an instant; null before the run and after its last hour. */
export function indexAt(water: Water, ms: number): number | null {
  const times = water.frames.map((time) => Date.parse(time));
  const after = times.findIndex((time) => time > ms);
  const index = after < 0 ? times.length - 1 : after - 1;
  const hour = (times[1] ?? 0) - (times[0] ?? 0);
  return index < 0 || (after < 0 && ms > times.at(-1)! + hour) ? null : index;
}

/** Likely depth at a spot, m; null outside the grid. */
export function depthAt(water: Water, bytes: Uint8Array, index: number, at: LonLat): number | null {
  const cell = cellOf(water.grid, at);
  const frame = frameOf(water, bytes, index);
  return cell && frame ? depthOfCode(frame[cell[1] * water.grid.nx + cell[0]]!) : null;
}

/** The deepest water at a spot from an instant on, and when: m. Null outside the grid or the run. */
export function deepestFrom(water: Water, bytes: Uint8Array, ms: number, at: LonLat): { depth: number; time: Iso } | null {
  const first = indexAt(water, ms);
  if (first === null) return null;
  let found: { depth: number; time: Iso } | null = null;
  for (let i = first; i < water.frames.length; i++) {
    const depth = depthAt(water, bytes, i, at);
    if (depth !== null && (!found || depth > found.depth)) found = { depth, time: water.frames[i]! };
  }
  return found;
}

/** Persons who still find room; null while nobody keeps count. */
export function placesLeft(shelter: Shelter): number | null {
  return shelter.taken === null ? null : Math.max(0, shelter.capacity - shelter.taken);
}

/** Shelters by distance; those closed, without room or with water in them (`wet`) come last. */
export function byDistance(
  shelters: readonly Shelter[],
  from: LonLat | null,
  wet: (shelter: Shelter) => boolean,
): { shelter: Shelter; away: number | null; fit: boolean }[] {
  return shelters
    .map((shelter) => ({
      shelter,
      away: from ? metres(from, [shelter.lon, shelter.lat]) : null,
      fit: shelter.open !== false && placesLeft(shelter) !== 0 && !wet(shelter),
    }))
    .sort((a, b) => Number(b.fit) - Number(a.fit) || (a.away ?? 0) - (b.away ?? 0));
}
