/** The drawn area on the map: fill, edges, corners to drag, middles to click. */

import { effect } from "@preact/signals";
import type { GeoJSONSource, LayerSpecification, Map as MapView, MapLayerMouseEvent } from "maplibre-gl";
import type { LonLat } from "../api/contract";
import { choose, close, insert, MOST_HANDLES, move, put, type Corner, type Drawing } from "./drawing";
import { draw, drawing, lookAt, shownArea } from "./drawing-state";

const SOURCE = "drawing";
const INK = "#ffd84d";
const NEAR_PX = 10;
const of = (...parts: string[]) => ["in", ["get", "part"], ["literal", parts]] as never;

const LAYERS: LayerSpecification[] = [
  { id: "draw-fill", type: "fill", source: SOURCE, filter: of("ring", "shown"), paint: { "fill-color": INK, "fill-opacity": 0.18 } },
  { id: "draw-line", type: "line", source: SOURCE, filter: of("ring", "shown"), paint: { "line-color": INK, "line-width": 2.5 } },
  {
    id: "draw-open",
    type: "line",
    source: SOURCE,
    filter: of("open"),
    paint: { "line-color": INK, "line-width": 2.5, "line-dasharray": [2, 1.5] },
  },
  {
    id: "draw-middle",
    type: "circle",
    source: SOURCE,
    filter: of("middle"),
    paint: { "circle-radius": 4, "circle-color": "#081115", "circle-stroke-color": INK, "circle-stroke-width": 1.5 },
  },
  {
    id: "draw-corner",
    type: "circle",
    source: SOURCE,
    filter: of("corner", "start", "under_way"),
    paint: {
      "circle-radius": ["case", ["get", "chosen"], 9, 6.5],
      "circle-color": ["case", ["get", "chosen"], "#ffffff", INK],
      "circle-stroke-color": "#081115",
      "circle-stroke-width": 2,
    },
  },
];

/** Adds the layers and what the mouse does; the answer ends what keeps them in step. */
export function addDrawing(map: MapView): () => void {
  map.addSource(SOURCE, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  for (const layer of LAYERS) map.addLayer(layer);
  const stop = [
    effect(() => {
      const now = drawing.value;
      const features = now ? drawingFeatures(now) : shownFeatures();
      map.getSource<GeoJSONSource>(SOURCE)?.setData({ type: "FeatureCollection", features });
    }),
    effect(() => {
      const on = drawing.value !== null;
      map.getCanvas().style.cursor = on ? "crosshair" : "";
      if (on) map.doubleClickZoom.disable();
      else map.doubleClickZoom.enable();
    }),
    effect(() => {
      const bounds = lookAt.value;
      if (bounds) map.fitBounds(bounds, { padding: { top: 150, right: 60, bottom: 150, left: 60 }, maxZoom: 14.5 });
    }),
  ];
  listen(map);
  return () => stop.forEach((end) => end());
}

function listen(map: MapView): void {
  let dragged: Corner | null = null;
  let moved = false;
  const cornerOf = (event: MapLayerMouseEvent): Corner => {
    const { ring, at } = event.features![0]!.properties as { ring: number; at: number };
    return { ring, at };
  };
  map.on("mousedown", "draw-corner", (event) => {
    if (!drawing.peek() || event.features?.[0]?.properties["part"] !== "corner") return;
    event.preventDefault(); // the map stays where it is
    dragged = cornerOf(event);
    moved = false;
    draw((now) => choose(now, dragged));
  });
  map.on("mousemove", (event) => {
    if (!dragged) return;
    const corner = dragged;
    draw((now) => move(now, corner, [event.lngLat.lng, event.lngLat.lat], moved));
    moved = true;
  });
  addEventListener("mouseup", () => setTimeout(() => (dragged = null)));
  map.on("click", (event) => {
    const now = drawing.peek();
    if (!now || dragged) return;
    const { x, y } = event.point;
    const box: [[number, number], [number, number]] = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]];
    const hit = map.queryRenderedFeatures(box, { layers: ["draw-corner", "draw-middle"] })[0]?.properties;
    const at: LonLat = [event.lngLat.lng, event.lngLat.lat];
    if (hit?.["part"] === "start") draw(close);
    else if (now.now.open.length) draw((one) => put(one, at));
    else if (hit?.["part"] === "middle") draw((one) => insert(one, hit as unknown as Corner, at));
    else if (hit?.["part"] !== "corner") draw((one) => put(one, at));
  });
  // of a double click, the first click has put the corner; a second one at its side is not wanted
  map.on("dblclick", () => {
    draw((now) => {
      const [last, before] = [now.now.open.at(-1), now.now.open.at(-2)];
      const twice = last && before && near(map, last, before);
      return close(twice ? { ...now, now: { ...now.now, open: now.now.open.slice(0, -1) } } : now);
    });
  });
}

function near(map: MapView, one: LonLat, other: LonLat): boolean {
  const [a, b] = [map.project(one), map.project(other)];
  return Math.hypot(a.x - b.x, a.y - b.y) < NEAR_PX;
}

function shownFeatures(): GeoJSON.Feature[] {
  const shown = shownArea.value;
  return shown ? [{ type: "Feature", geometry: shown.area, properties: { part: "shown" } }] : [];
}

function drawingFeatures({ now, chosen }: Drawing): GeoJSON.Feature[] {
  const point = (at: LonLat, properties: GeoJSON.GeoJsonProperties): GeoJSON.Feature => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: at },
    properties,
  });
  const handled = now.rings.reduce((all, ring) => all + ring.length, 0) <= MOST_HANDLES;
  return [
    ...now.rings.map((ring): GeoJSON.Feature => ({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [[...ring, ring[0]!]] },
      properties: { part: "ring" },
    })),
    ...(now.open.length > 1
      ? [{ type: "Feature" as const, geometry: { type: "LineString" as const, coordinates: [...now.open] }, properties: { part: "open" } }]
      : []),
    ...now.open.map((at, i) => point(at, { part: i === 0 && now.open.length > 2 ? "start" : "under_way", chosen: false })),
    ...(handled ? now.rings : []).flatMap((ring, i) =>
      ring.flatMap((at, j) => {
        const next = ring[(j + 1) % ring.length]!;
        const half: LonLat = [(at[0] + next[0]) / 2, (at[1] + next[1]) / 2];
        const is = chosen?.ring === i && chosen.at === j;
        return [point(half, { part: "middle", ring: i, at: j }), point(at, { part: "corner", ring: i, at: j, chosen: is })];
      }),
    ),
  ];
}
