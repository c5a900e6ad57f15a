/** Shapes of the service's answers about roads, resources, dispatch and evacuation. */

import type { Iso } from "../api/contract";

export type Layer = "p50" | "p90" | "dry";
export type At = [lon: number, lat: number];

export interface VehicleClass {
  id: string;
  name: string;
  name_en: string;
  limit_m: number;
  source: string;
}

/** On what an answer about roads rests. */
export interface Said {
  run: string | null;
  issued: Iso | null;
  water: Layer;
  forecast: boolean;
  synthetic: string;
}

export interface RoadProperties {
  id: string;
  name: string;
  name_en: string;
  deepest_m: number;
  closed: [from: Iso, to: Iso | null][];
  slow: boolean;
  synthetic: boolean;
}

export interface Leg {
  name: string;
  name_en: string;
  length_m: number;
  enter: Iso;
  leave: Iso;
  waits_min: number;
  depth_m: number;
  line: At[];
  synthetic: boolean;
}

export interface Avoided {
  road: string;
  name: string;
  name_en: string;
  at: Iso;
  depth_m: number;
  limit_m: number;
  effect: "blocked" | "slow" | "later" | "closed";
  line: At[];
}

export interface Way extends Said {
  vehicle: string;
  depart: Iso;
  arrive: Iso;
  minutes: number;
  dry_minutes: number;
  length_m: number;
  off_road_m: [number, number];
  legs: Leg[];
  avoided: Avoided[];
  risky: string[];
  beyond: boolean;
}
