/** What the dispatch tab draws on the map, and what a click on the map is waited for. */

import { signal } from "@preact/signals";
import type { At, Layer, RoadProperties, Said, Stretch, VehicleClass, Way } from "./shapes";
import { resource } from "../state";

export type View = "resources" | "assign" | "route" | "evacuate";

export const view = signal<View>("resources");
export const vehicles = resource<VehicleClass[]>("/roads/vehicles");
export const vehicle = signal("truck");
export const layer = signal<Layer>("p90");

/** What the next click on the map sets: an end of a route, or the road to close or open. */
export const picking = signal<"from" | "to" | "road" | null>(null);
/** The stretch of road that was clicked on, while one is asked what to do with it. */
export const stretch = signal<{ at: At; found: Stretch } | null>(null);
export const pickedRoad = signal<At | null>(null);
export const from = signal<At | null>(null);
export const to = signal<At | null>(null);
export const way = signal<Way | null>(null);
export const reach = signal<GeoJSON.FeatureCollection<GeoJSON.Geometry, { minutes: number }> | null>(null);

type Roads = GeoJSON.FeatureCollection<GeoJSON.LineString, RoadProperties> & Said;
export const roads = signal<Roads | null>(null);

/** Straight lines from who is sent to where: of a proposal, or of an evacuation plan. */
export interface Line {
  from: At;
  to: At;
  tone: "assign" | "evacuate" | "changed";
}
export const lines = signal<Line[]>([]);

/** Takes everything that this tab drew off the map. */
export function wipe(): void {
  way.value = null;
  reach.value = null;
  lines.value = [];
  from.value = null;
  to.value = null;
  picking.value = null;
  stretch.value = null;
  pickedRoad.value = null;
}
