/** Shapes of the answers of `/api/v1`. Times are ISO 8601 in UTC, levels in m on the city's datum. */

export * from "./work";

export type Iso = string;
export type LonLat = [number, number];
export type Colour = "blue" | "yellow" | "orange" | "red";

/** A warning of an authority as it came; only a verified one is passed on. */
export interface Notice {
  id: string;
  sender: string;
  sent: Iso;
  received_at: Iso;
  status: "Actual" | "Exercise" | "System" | "Test" | "Draft";
  verified: boolean;
  why: string;
  issuer: string;
  event: string;
  colour: Colour | "";
  headline: string;
  headline_en: string;
  text: string;
  text_en: string;
  instruction: string;
  area: string;
  expires_at: Iso;
  remarks: string[];
  state: "in_force" | "replaced" | "ended" | "expired" | "all_clear" | "ahead";
  relayed: string | null;
}

/** A camera with its newest picture, and what the staff gauge in it says. */
export interface Camera {
  id: string;
  name: string;
  name_en: string;
  series: string | null;
  silent: boolean;
  latest: { taken_at: Iso; level_m: number | null; confidence: number | null; why: string } | null;
}

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
  /** What the session still needs before it has any right. */
  lacks: "" | "code" | "second_factor";
  sign_in: { sso: { name: string; name_en: string } | null };
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

/** A watched structure's point: total from its baseline and rate per day, signed, with limits. */
export interface Moved {
  structure: string;
  structure_name: string;
  structure_name_en: string;
  kind: string;
  source: string;
  total: number | null;
  rate_per_day: number | null;
  rate_hours: number;
  total_limits: { attention: number; danger: number } | null;
  rate_limits: { attention: number; danger: number } | null;
  state: "none" | "stale" | "normal" | "attention" | "danger";
  why: string[];
}

export interface Station {
  id: string;
  series: string;
  name: string;
  name_en: string;
  quantity: "rain" | "river_level" | "tide" | "flow" | "wind" | "displacement" | "settlement" | "pore_pressure";
  lon: number;
  lat: number;
  unit: string;
  datum: string | null;
  warning: number | null;
  moved: Moved | null;
  guarantee: number | null;
  role: string;
  synthetic: boolean;
  latest: { valid_at: Iso; value: number | null; flag: string; age_s: number } | null;
  thresholds: Threshold[];
  state: StationState;
}

/** How a station is doing: what came of what was expected in 24 h, and what is wrong now. */
export interface StationHealth {
  id: string;
  series: string;
  name: string;
  name_en: string;
  quantity: Station["quantity"];
  unit: string;
  synthetic: boolean;
  last: { valid_at: Iso; value: number; flag: string; doubts: string[]; age_s: number } | null;
  delay_s: number | null;
  received: number;
  expected: number;
  share: number | null;
  battery: { volts: number | null; valid_at: Iso } | null;
  flags: Record<string, number>;
  problems: string[];
}

/** A source of readings at work beside the desk; state is null where nothing runs. */
export interface ReadingSource {
  name: string;
  title: string;
  owner: string;
  quality: string;
  state: {
    connected: boolean;
    heard_at: Iso | null;
    taken: number;
    refused: number;
    waiting: number;
    problem: string;
  } | null;
}

export interface Series {
  series: string;
  name: string;
  quantity: string;
  unit: string;
  datum: string | null;
  /** valid time, value, what its sender said of it, the quality rules that flag it */
  points: [Iso, number | null, string, string[]][];
  thresholds: Threshold[];
}

/** A depth that somebody reported: a range, and how far it is trusted; never a reading. */
export interface DepthReport {
  id: string;
  seen_at: Iso;
  depth_class: string;
  low_m: number;
  high_m: number;
  role: string;
  trust: number;
  agreeing: number;
  disputed: boolean;
  accuracy_m: number;
  territory: string;
  place: string | null;
  photos: string[];
  case: string | null;
}

/** Gridded rain of an hour; see GET /rain. */
export interface Rain {
  product: string;
  /** When the forecast was made; null for what was observed. */
  base: Iso | null;
  start: Iso;
  end: Iso;
  largest_mm: number;
  bounds: [west: number, south: number, east: number, north: number];
  width: number;
  height: number;
  codes: string;
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
  reported: Pick<DepthReport, "id" | "depth_class" | "low_m" | "high_m" | "trust" | "seen_at"> | null;
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
  agencies: { agency: string; base: Iso; fixes: Fix[] }[];
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
  /** What trusted reports of people at the place say; kept apart from the forecast. */
  reported?: (Pick<DepthReport, "id" | "depth_class" | "low_m" | "high_m" | "seen_at" | "trust" | "disputed"> & {
    attention: boolean;
    danger: boolean;
  }) | null;
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

export interface AccountSummary {
  id: string;
  name: string;
  role: string;
  territory_name: string;
  department: string | null;
}
