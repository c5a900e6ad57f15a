/** Shapes of the answers of `/api/v1`. Times are ISO 8601 in UTC, levels in m on the city's datum. */

export type Iso = string;
export type LonLat = [number, number];
export type Colour = "blue" | "yellow" | "orange" | "red";

export interface Account {
  id: string;
  name: string;
  name_en: string;
  role: string;
  territory: string;
  territory_name: string;
  department: string | null;
}

export interface Moment {
  time: Iso;
  name: string;
  name_en?: string;
}

export interface Session {
  account: Account | null;
  rights: string[];
  city: {
    id: string;
    name: string;
    name_en: string;
    zone: string;
    datum: string;
    centre: LonLat;
    bounds: [number, number, number, number];
    synthetic: string[];
  };
  exercise: boolean;
  event: { id: string; name: string; name_en: string; from: Iso; to: Iso; moments?: Moment[] } | null;
}

export interface Replay {
  world: string;
  from: Iso;
  to: Iso;
  speed: number;
  paused: boolean;
  jump_to: Iso | null;
  waiting_for: string | null;
  progress: number;
  actors: "all" | "none";
  finished: boolean;
}

export interface ClockBody {
  now: Iso;
  real: boolean;
  replay: Replay | null;
  problem: string | null;
}

export interface Threshold {
  name: string;
  value: number;
  colour?: Colour | null;
}

export type StationState = "normal" | "warning" | "guarantee" | "stale" | "none";

export interface Station {
  id: string;
  series: string;
  name: string;
  name_en: string;
  quantity: "rain" | "river_level" | "tide" | "wind";
  lon: number;
  lat: number;
  unit: string;
  datum: string | null;
  warning: number | null;
  guarantee: number | null;
  role: string;
  synthetic: boolean;
  latest: { valid_at: Iso; value: number | null; flag: string; age_s: number } | null;
  thresholds: Threshold[];
  state: StationState;
}

export interface Series {
  series: string;
  name: string;
  quantity: string;
  unit: string;
  datum: string | null;
  points: [Iso, number | null, string][];
  thresholds: Threshold[];
}

export interface PlaceProperties {
  id: string;
  name: string;
  name_en: string;
  kind: string;
  territory: string;
  town: string;
  department: string;
  attention_m: number;
  danger_m: number;
  residents: number;
  old_houses: number;
  synthetic: boolean;
  hazard: {
    probability_attention: number;
    probability_danger: number;
    onset: Iso | null;
    peak_p50: number | null;
  } | null;
}

export interface TerritoryProperties {
  code: string;
  name: string;
  name_en: string;
  level: "city" | "town" | "village";
  parent: string;
  population: number;
  old_houses: number;
  approximate: boolean;
  synthetic: boolean;
}

export interface LayerProperties {
  kind: string;
  name: string;
  synthetic: boolean;
}

export type Radii = [number, number, number, number];

export interface Fix {
  time: Iso;
  lon: number;
  lat: number;
  pressure_hpa: number;
  wind_ms: number;
  r7: Radii | null;
  r10: Radii | null;
  r12: Radii | null;
}

export interface Track {
  storm: { name: string; name_en: string } | null;
  fixes: Fix[];
  forecast: {
    issued: Iso;
    members: [Iso, number, number][][];
    mean: [Iso, number, number][];
  } | null;
}

export interface Run {
  id: string;
  issued: Iso;
  visible_at: Iso | null;
  from: Iso;
  to: Iso;
  members: number;
  state: "computing" | "done" | "failed" | "published";
  wall_s: number | null;
}

export interface RunDetail extends Run {
  resolution_m: number;
  input_hash: string;
  grid: { corners: [LonLat, LonLat, LonLat, LonLat]; nx: number; ny: number };
  frames: Iso[];
  layers: string[];
  probabilities: string[];
  synthetic: string[];
}

export interface EnsembleSeries {
  times: Iso[];
  unit: string;
  p10: (number | null)[];
  p50: (number | null)[];
  p90: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  thresholds: Threshold[];
}

export interface PlaceFan {
  times: Iso[];
  p10: (number | null)[];
  p50: (number | null)[];
  p90: (number | null)[];
  attention_m: number;
  danger_m: number;
}

export interface Quantiles {
  p10: number;
  p50: number;
  p90: number;
}

export interface Crossing {
  threshold_m: number;
  probability: number;
  onset: Iso | null;
  duration_h: number | null;
}

export interface AssessedTown {
  code: string;
  name: string;
  attention_probability: number;
  danger_probability: number;
  places_attention_p50: number;
  places_danger_p50: number;
  residents_p50: number;
  residents_p90: number;
  old_houses_p50: number;
  onset: Iso | null;
}

export interface AssessedPlace {
  id: string;
  name: string;
  kind: string;
  town: string;
  department: string;
  attention: Crossing;
  danger: Crossing;
  peak_m: Quantiles;
}

export interface Assessment {
  run: string;
  issued: Iso;
  horizon_h: number;
  members: number;
  synthetic: string[];
  city: Record<"residents" | "old_houses" | "road_m" | "places_attention" | "places_danger", Quantiles>;
  tide: { station: string; datum: string; peak: Quantiles; peak_time: Iso } | null;
  towns: AssessedTown[];
  places: AssessedPlace[];
  rain: { total_mm: Quantiles; max_3h_mm: Quantiles } | null;
  level: string;
  reason: string;
}

export type AlertState = "draft" | "issued" | "superseded" | "cancelled" | "rejected" | "expired";

export interface Alert {
  id: string;
  chain: string;
  version: number;
  event: string;
  event_name: string;
  colour: Colour;
  msg_type: "Alert" | "Update" | "Cancel";
  status: "Exercise" | "Actual" | "Test";
  state: AlertState;
  official: boolean;
  issuer: string;
  area: string;
  area_name: string;
  drafted_at: Iso;
  sent_at: Iso | null;
  onset_at: Iso | null;
  expires_at: Iso | null;
  headline: string;
  description: string;
  instruction: string;
  approvals_needed: number;
  approvals: { officer: string; officer_name: string; decision: string; at: Iso }[];
  grounds: string[];
  references: string[];
  deliveries: Record<string, number>;
}

export interface Audience {
  total: number;
  by_channel: Record<string, number>;
  by_tier: Record<string, number>;
  unreachable: { person: string; person_masked?: string; reason: string; territory_name?: string }[];
  cost: number | null;
  samples: { tier: string; language: string; channel: string; text: string; characters: number; segments: number }[];
}

export interface Delivery {
  id: string;
  person_masked: string;
  role: string;
  tier: string;
  territory_name: string;
  channel: string;
  state: string;
  reason: string | null;
  repeat: number;
  planned_at: Iso;
  sent_at: Iso | null;
  delivered_at: Iso | null;
  answered_at: Iso | null;
}

export interface Message {
  delivery: string;
  alert: string;
  event_name: string;
  colour: Colour;
  body: string;
  channel: string;
  state: string;
  sent_at: Iso | null;
  answered_at: Iso | null;
}

export interface Incident {
  id: string;
  name: string;
  event: string;
  state: string;
  level: string;
  level_set_at: Iso | null;
  proposed_level: string | null;
  proposed_reason: string | null;
  proposed_run: string | null;
  opened_at: Iso;
  closed_at: Iso | null;
  cases: { opened: number; closed: number };
  tasks: { opened: number; done: number; late: number; escalated: number };
}

export interface CaseItem {
  id: string;
  incident: string | null;
  kind: string;
  title: string;
  text: string | null;
  state: string;
  territory: string;
  territory_name: string;
  town_name: string;
  place: string | null;
  place_name: string | null;
  lon: number | null;
  lat: number | null;
  owner: string | null;
  owner_name?: string;
  owner_role: string;
  department: string | null;
  opened_at: Iso;
  due_at: Iso | null;
  closed_at: Iso | null;
  priority: number;
  source: string;
  late: boolean;
  escalation: number;
  photos: string[];
}

export interface HistoryEntry {
  seq: number;
  task: string | null;
  at: Iso;
  type: string;
  actor: string;
  actor_name: string;
  on_behalf: string | null;
  payload: Record<string, unknown>;
}

export interface CaseDetail extends CaseItem {
  tasks: Task[];
  history: HistoryEntry[];
  allowed: string[];
}

export interface Task {
  id: string;
  case: string;
  title: string;
  instruction: string;
  state: string;
  assignee: string | null;
  assignee_name?: string;
  role: string;
  territory: string;
  territory_name: string;
  town_name: string;
  place_name: string | null;
  opened_at: Iso;
  ack_due_at: Iso | null;
  due_at: Iso;
  acknowledged_at: Iso | null;
  done_at: Iso | null;
  escalation: number;
  late: boolean;
  lon: number | null;
  lat: number | null;
  allowed: string[];
}

export interface JournalEntry {
  seq: number;
  valid_at: Iso;
  recorded_at: Iso;
  kind: string;
  subject: string;
  actor: string;
  actor_name: string;
  on_behalf: string | null;
  grounds: string[];
}

export interface LiveEntry {
  seq: number;
  kind: string;
  subject: string;
  actor: string;
  at: Iso;
}

export interface AccountSummary {
  id: string;
  name: string;
  role: string;
  territory_name: string;
  department: string | null;
}
