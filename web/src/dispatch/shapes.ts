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

export interface Lot {
  id: string;
  depot: string;
  item: string;
  unit: string;
  quantity: number;
  expires_at: Iso | null;
  expiry: "good" | "soon" | "expired";
}

export interface Asset {
  id: string;
  kind: string;
  name: string;
  territory_name: string;
  department: string;
  account: string | null;
  vehicle: string;
  lon: number;
  lat: number;
  capacity: number;
  unit: string;
  skills: string[];
  state: "ready" | "out" | "resting" | "repair";
  case: string | null;
  case_title: string | null;
  task: string | null;
  task_state: string | null;
}

export interface Shelter {
  id: string;
  name: string;
  lon: number;
  lat: number;
  territory_name: string;
  capacity: number;
  taken: number;
  open: boolean;
}

export interface Resources {
  depots: { id: string; name: string; lon: number; lat: number; department: string; lots: Lot[] }[];
  items: { item: string; unit: string; quantity: number; expired: number; soon: number }[];
  assets: Asset[];
  shelters: Shelter[];
  synthetic: boolean;
}

export interface Fill {
  id: string;
  source: string;
  source_name: string;
  quantity: number;
  returned: number;
  consumed: number;
  state: "sent" | "received" | "closed";
  thing: boolean;
}

export interface Request {
  id: string;
  case: string;
  case_title: string;
  item: string;
  unit: string;
  quantity: number;
  filled: number;
  state: "open" | "partly" | "filled" | "cancelled";
  requested_by_name: string;
  requested_at: Iso;
  note: string | null;
  fills: Fill[];
}

export interface Offers {
  wanted: number;
  lots: (Lot & { depot_name: string; distance_m: number | null; suggested: number })[];
  assets: (Asset & { distance_m: number })[];
}
