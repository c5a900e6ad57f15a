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
  speed_assumed: boolean;
}

/** On what an answer about roads rests. */
export interface Said {
  run: string | null;
  issued: Iso | null;
  water: Layer;
  forecast: boolean;
  synthetic: string;
}

/** A road that somebody closed, or opened against the forecast, until when and why. */
export interface RoadOrder {
  id: string;
  road: string;
  road_name: string;
  road_name_en: string;
  effect: "closed" | "open";
  whole: boolean;
  territory_name: string;
  reason: string;
  by_name: string;
  at: Iso;
  until: Iso;
  lines: At[][];
  mine: boolean;
}

/** The stretch of road nearest to a click. */
export interface Stretch {
  road: string;
  name: string;
  name_en: string;
  length_m: number;
  line: At[];
  synthetic: boolean;
}

export interface RoadProperties {
  id: string;
  name: string;
  name_en: string;
  deepest_m: number;
  closed: [from: Iso, to: Iso | null][];
  slow: [from: Iso, to: Iso | null][];
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
  opened: string;
}

export interface Avoided {
  road: string;
  name: string;
  name_en: string;
  at: Iso;
  depth_m: number;
  limit_m: number;
  effect: "closed" | "blocked" | "slow" | "later";
  why: string;
  line: At[];
}

export interface Way extends Said {
  vehicle: string;
  speed_assumed: boolean;
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

interface Brief {
  asset: string;
  name: string;
  kind: string;
  vehicle: string;
  lon: number;
  lat: number;
  travel_min: number;
}

export interface Alternative extends Brief {
  goes: string | null;
}

export interface Sending extends Brief {
  case: string;
  case_title: string;
  priority: number;
  due_at: Iso | null;
  need_title: string;
  need_title_en: string;
  to: At;
  rank: number;
  able: number;
  nearer: { name: string; goes: string | null }[];
  preferred: boolean;
  late: boolean;
  avoided: { name: string; depth_m: number; effect: string }[];
  alternatives: Alternative[];
}

export interface Proposal extends Said {
  method: "optimal" | "feasible" | "greedy";
  cost_min: number;
  ready: number;
  rules: boolean;
  made_at: Iso;
  lines: Sending[];
  without: {
    case: string;
    case_title: string;
    need_title: string;
    need_title_en: string;
    wants: number;
    gets: number;
    why: "none_ready" | "no_road" | "refused" | "all_elsewhere";
    assets: string[];
  }[];
}

export interface Group {
  id: string;
  name: string;
  village: string;
  village_name: string;
  town_name: string;
  persons: number;
  at: At;
  probability: number;
  onset: Iso | null;
  leave_by: Iso | null;
  late: boolean;
  moves: { shelter: string; shelter_name: string; to: At; persons: number; arrive_min: number; late: boolean }[];
  left: number;
  why: "" | "no_road" | "no_places";
}

export interface Evacuation extends Said {
  vehicle: string;
  persons: number;
  moved: number;
  digest: string;
  groups: Group[];
  shelters: { id: string; name: string; capacity: number; taken: number; assigned: number; open: boolean; dry: boolean; depth_m: number }[];
  changes: { group: string; name: string; what: string; was: unknown; now: unknown }[];
  withdrawals: { task: string; case: string; state: string; group: string; name: string; why: "removed" | "replaced" }[];
  accepted: {
    id: string;
    run: string | null;
    at: Iso;
    by: string;
    cases: Record<string, string>;
    persons: number;
    moved: number;
    older_run: boolean;
  } | null;
}

export interface Listed {
  id: string;
  place_name: string;
  name: string;
  phone: string | null;
  reachable: boolean;
  synthetic: boolean;
}
