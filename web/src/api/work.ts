/** Shapes of alerts, messages, incidents, cases, tasks and the journal. */

import type { Colour, Iso } from "./contract";
import type { Answers, Likeness } from "./packs";

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
  area: string[];
  area_name: string;
  /** of the area that was drawn for it; empty: the whole area */
  polygon_key: string;
  /** while it is in force; of a relayed one what, where and when, since its own words are Chinese */
  event_name_en: string;
  text_en: string;
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
  /** whom each channel could reach, also as the second way */
  reachable: Record<string, number>;
  /** what the providers will count */
  messages: Record<string, number>;
  by_tier: Record<string, number>;
  unreachable: { person: string; person_masked?: string; reason: string; territory_name?: string }[];
  cost: number | null;
  samples: { tier: string; language: string; channel: string; text: string; characters: number; segments: number }[];
}

export interface Delivery {
  id: string;
  person: string;
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
  form: Answers;
  /** Code of the listed reason for which its clock stands. */
  paused: string | null;
}

export interface HistoryEntry {
  seq: number;
  task: string | null;
  at: Iso;
  type: string;
  actor: string;
  actor_name: string;
  on_behalf: string | null;
  /** Who was told, of an escalation. */
  told_names?: string[];
  payload: Record<string, unknown>;
}

export interface CaseDetail extends CaseItem {
  rating: number | null;
  verdict: string | null;
  merged_into: string | null;
  absorbed: string[];
  duplicates: Likeness[];
  tasks: Task[];
  history: HistoryEntry[];
  allowed: string[];
}

export interface Task {
  id: string;
  case: string;
  kind: string;
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
