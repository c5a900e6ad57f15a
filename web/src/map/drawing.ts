/** Drawing an area: rings, the one under way, a chosen corner, and every step back. Pure. */

import type { LonLat } from "../api/contract";

/** Closed rings without their repeated last corner, and the corners of the one under way. */
export interface Sketch {
  readonly rings: readonly (readonly LonLat[])[];
  readonly open: readonly LonLat[];
}
/** A corner of a closed ring. */
export interface Corner {
  readonly ring: number;
  readonly at: number;
}
export interface Drawing {
  readonly now: Sketch;
  readonly past: readonly Sketch[];
  readonly ahead: readonly Sketch[];
  readonly chosen: Corner | null;
}

export const EMPTY: Sketch = { rings: [], open: [] };
/** Steps that can be taken back. */
const MOST_STEPS = 200;
/** More corners than this are shown without handles: a forecast's water is taken as it is. */
export const MOST_HANDLES = 400;

export function begin(now: Sketch): Drawing {
  return { now, past: [], ahead: [], chosen: null };
}

/** The sketch that an area of the service is. Holes are left out: who lives in one is told too. */
export function sketchOf(area: GeoJSON.Geometry | null | undefined): Sketch {
  const parts =
    area?.type === "Polygon" ? [area.coordinates] : area?.type === "MultiPolygon" ? area.coordinates : [];
  return { rings: parts.map((rings) => (rings[0] ?? []).slice(0, -1) as LonLat[]), open: [] };
}

/** The area as the service takes it; null: nothing is drawn. */
export function areaOf(sketch: Sketch): GeoJSON.Polygon | GeoJSON.MultiPolygon | null {
  const closed = sketch.rings.map((ring) => [...ring, ring[0]!].map(([lon, lat]) => [round(lon), round(lat)]));
  if (!closed.length) return null;
  return closed.length === 1
    ? { type: "Polygon", coordinates: [closed[0]!] }
    : { type: "MultiPolygon", coordinates: closed.map((ring) => [ring]) };
}

/** Six decimals: a tenth of a metre. */
function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function step(drawing: Drawing, now: Sketch, chosen: Corner | null = null): Drawing {
  return { now, past: [...drawing.past.slice(1 - MOST_STEPS), drawing.now], ahead: [], chosen };
}

export function undo(drawing: Drawing): Drawing {
  const now = drawing.past.at(-1);
  if (!now) return drawing;
  return { now, past: drawing.past.slice(0, -1), ahead: [drawing.now, ...drawing.ahead], chosen: null };
}

export function redo(drawing: Drawing): Drawing {
  const [now, ...ahead] = drawing.ahead;
  if (!now) return drawing;
  return { now, past: [...drawing.past, drawing.now], ahead, chosen: null };
}

export function put(drawing: Drawing, at: LonLat): Drawing {
  return step(drawing, { ...drawing.now, open: [...drawing.now.open, at] });
}

/** Closes the ring under way; nothing happens below three corners. */
export function close(drawing: Drawing): Drawing {
  const { rings, open } = drawing.now;
  return open.length < 3 ? drawing : step(drawing, { rings: [...rings, open], open: [] });
}

export function choose(drawing: Drawing, chosen: Corner | null): Drawing {
  return { ...drawing, chosen };
}

/** The next corner (-1: the one before), through all rings; for who draws by keyboard. */
export function chooseNext(drawing: Drawing, by: 1 | -1): Drawing {
  const all = drawing.now.rings.flatMap((ring, i) => ring.map((_, at) => ({ ring: i, at })));
  if (!all.length) return drawing;
  const { chosen } = drawing;
  const now = chosen ? all.findIndex((one) => one.ring === chosen.ring && one.at === chosen.at) : by > 0 ? -1 : 0;
  return choose(drawing, all[(now + by + all.length) % all.length]!);
}

/** Moves a corner. `further`: of one drag, which is one step to take back. */
export function move(drawing: Drawing, corner: Corner, to: LonLat, further = false): Drawing {
  const rings = drawing.now.rings.map((ring, i) =>
    i === corner.ring ? ring.map((at, j) => (j === corner.at ? to : at)) : ring,
  );
  const now = { ...drawing.now, rings };
  return further ? { ...drawing, now, chosen: corner } : step(drawing, now, corner);
}

/** A new corner between one and the next, chosen at once. */
export function insert(drawing: Drawing, after: Corner, at: LonLat): Drawing {
  const rings = drawing.now.rings.map((ring, i) =>
    i === after.ring ? [...ring.slice(0, after.at + 1), at, ...ring.slice(after.at + 1)] : ring,
  );
  return step(drawing, { ...drawing.now, rings }, { ring: after.ring, at: after.at + 1 });
}

/** Takes away the chosen corner (of three, the whole ring), else the last of the ring under way. */
export function remove(drawing: Drawing): Drawing {
  const { now, chosen } = drawing;
  if (chosen) {
    const rings = now.rings.flatMap((ring, i) =>
      i !== chosen.ring ? [ring] : ring.length > 3 ? [ring.filter((_, j) => j !== chosen.at)] : [],
    );
    return step(drawing, { ...now, rings });
  }
  return now.open.length ? step(drawing, { ...now, open: now.open.slice(0, -1) }) : drawing;
}

export function clear(drawing: Drawing): Drawing {
  return drawing.now.rings.length || drawing.now.open.length ? step(drawing, EMPTY) : drawing;
}

/** Something else in place of what was drawn, as one step. */
export function replace(drawing: Drawing, now: Sketch): Drawing {
  return step(drawing, now);
}

export function changed(drawing: Drawing): boolean {
  return drawing.past.length > 0;
}
