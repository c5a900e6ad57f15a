/** Shapes of volunteers, their work, calls and learning items. */

import type { Iso } from "./contract";

export interface SkillRule {
  id: string;
  title: string;
  title_en: string;
  proof: boolean;
  valid_months: number;
}

export interface VolunteerRules {
  skills: SkillRule[];
  reply_min: number;
  confidence: number;
  safe_min: number;
  extend_min: number;
  keep_months: number;
  invite_places: number;
}

export interface HeldSkill {
  skill: string;
  state: "valid" | "expired" | "unverified";
  soon: boolean;
  learned_at: Iso;
  expires_at: Iso | null;
  proof: string | null;
}

export type Window = [weekday: number, from: number, to: number];

export interface Past {
  asked: number;
  yes: number;
  promised: number;
  came: number;
}

export interface VolunteerWork {
  id: string;
  case: string | null;
  title: string;
  detail: string;
  territory: string;
  territory_name: string;
  place_name: string | null;
  skill: string | null;
  starts_at: Iso;
  ends_at: Iso;
  needed: number;
  places: number;
  taken: number;
  waiting: number;
  safe_min: number;
  self_claim: boolean;
  drill: boolean;
  status: "Actual" | "Exercise";
  state: "open" | "ended" | "cancelled";
}

export type ClaimState = "claimed" | "waiting" | "on_site" | "home" | "missed" | "withdrawn";

export interface OwnVolunteer {
  rules: VolunteerRules;
  volunteer: {
    id: string;
    state: "applied" | "approved" | "refused";
    territory_name: string;
    times: Window[];
    away_until: Iso | null;
    synthetic: boolean;
    erase_at: Iso;
    skills: HeldSkill[];
    minutes: number;
    past: Past;
  } | null;
  calls: { call: string; work: VolunteerWork; reply_by: Iso; answer: "yes" | "no" | "late" | null; state: ClaimState | null }[];
  offers: VolunteerWork[];
  mine: {
    work: VolunteerWork;
    state: ClaimState;
    out_at: Iso | null;
    safe_until: Iso | null;
    back_at: Iso | null;
    searched: boolean;
    minutes: number;
    rating_of_work: number | null;
    rating_of_volunteer: number | null;
    said: string;
  }[];
  learning: { id: string; title: string; body: string; at: Iso; read_at: Iso | null; understood_at: Iso | null }[];
}

export interface Volunteer {
  id: string;
  name: string;
  state: "applied" | "approved" | "refused";
  territory: string;
  territory_name: string;
  skills: HeldSkill[];
  times: Window[];
  away_until: Iso | null;
  applied_at: Iso;
  minutes: number;
  out: boolean;
  past: Past;
  synthetic: boolean;
}

export interface Roster {
  rules: VolunteerRules;
  purposes: string[];
  volunteers: Volunteer[];
}

export interface WorkSummary extends VolunteerWork {
  out: { volunteer: string; out_at: Iso; safe_until: Iso | null; overdue: boolean; search_case: string | null }[];
  overdue: number;
}

export interface Expected {
  mean: number;
  low: number;
  high: number;
  enough: number;
}

export interface Reasons extends Past {
  skill: string;
  skill_until: Iso | null;
  distance_km: number;
  p_yes: number;
  p_show: number;
  score: number;
}

export interface WorkDetail extends VolunteerWork {
  claims: {
    volunteer: string;
    name: string;
    state: ClaimState;
    out_at: Iso | null;
    safe_until: Iso | null;
    back_at: Iso | null;
    overdue: boolean;
    search_case: string | null;
    called: boolean;
    minutes_journal: number;
    minutes: number;
    rating_of_work: number | null;
    rating_of_volunteer: number | null;
    said: string;
  }[];
  calls: {
    id: string;
    at: Iso;
    reply_by: Iso;
    state: string;
    expected: Expected;
    asked: {
      volunteer: string;
      name: string;
      rank: number;
      reasons: Reasons;
      answer: "yes" | "no" | "late" | null;
      answered_at: Iso | null;
      delivery: string | null;
    }[];
  }[];
  outlook: Expected & { silent: number };
}

export interface CallPreview {
  chosen: { volunteer: string; name: string; reasons: Reasons }[];
  spare: { volunteer: string; name: string; reasons: Reasons }[];
  left_out: { volunteer: string; name: string; reason: string }[];
  expected: Expected;
  confidence: number;
  short: boolean;
}

export interface LearningItem {
  id: string;
  title: string;
  body: string;
  group: { territory: string; role: string; skill: string };
  territory_name: string;
  at: Iso;
  withdrawn_at: Iso | null;
  people: number;
  read: number;
  understood: number;
}
