/** Shapes of firms, their passes and checks, and joint cases. */

import type { Iso } from "./contract";

export type FirmColour = "green" | "yellow" | "red";
export type Operation = "running" | "reduced" | "stopped";

export interface FirmReason {
  colour: FirmColour;
  code: string;
  ref: string;
  ref_name: string;
  value: number | null;
}

export interface FirmLine {
  id: string;
  name: string;
  name_en: string;
  kind: string;
  lon: number;
  lat: number;
  territory: string;
  territory_name: string;
  town: string;
  town_name: string;
  employees: number;
  essential: boolean;
  synthetic: boolean;
  operation: Operation;
  colour: FirmColour;
  colour_worked_out: FirmColour;
  colour_set: { colour: FirmColour; by: string; by_name?: string; at: Iso; until: Iso | null; reason?: string | null } | null;
  reasons: FirmReason[];
  open_cases: number;
  visited_at: Iso | null;
}

export interface FreightPass {
  id: string;
  case: string;
  firm: string;
  firm_name?: string;
  firm_name_en?: string;
  plate: string;
  cargo: string;
  origin: string;
  destination: string;
  valid_from: Iso;
  valid_to: Iso;
  state: "asked" | "issued" | "refused" | "revoked" | "expired";
  token: string;
  decided_at: Iso | null;
  decided_by: string | null;
  decided_by_name?: string | null;
  ended_at: Iso | null;
  reason: string | null;
  decidable?: boolean;
}

export interface FirmCase {
  id: string;
  kind: string;
  title: string;
  text: string | null;
  state: string;
  late: boolean;
  opened_at: Iso;
  due_at: Iso | null;
  closed_at: Iso | null;
  allowed?: string[];
}

export interface Measure {
  id: string;
  text: string | null;
  department: string;
  state: "open" | "done" | "dropped";
  overdue: boolean;
  due_at: Iso;
  made_at: Iso;
  made_by_name: string;
  ended_at: Iso | null;
  ended_text: string | null;
}

export interface Shot {
  shot: string;
  label: string;
  label_en: string;
  state: "wanted" | "sent" | "accepted" | "refused";
  sent: { number: number; mime: string; way: "recorded" | "live"; at: Iso; by: string; reason: string | null } | null;
}

export interface Dossier extends FirmLine {
  team: { name: string; name_en: string; members: string[] } | null;
  task_force: { name: string; name_en: string; department: string };
  cases: FirmCase[];
  passes: FreightPass[];
  measures: Measure[];
  checks: Record<string, Shot[]>;
}

export interface FormField {
  key: string;
  type: string;
  label: string;
  label_en: string;
  hint: string;
  hint_en: string;
  required: boolean;
  choices: { value: string; label: string; label_en: string }[];
}

export interface OwnFirm extends Dossier {
  forms: Record<"freight_pass" | "firm_question" | "resumption", FormField[]>;
  longest_pass_h: number;
}

/** What a checker's phone keeps: keys, the signed list of revoked passes, words of the goods. */
export interface Kit {
  keys: Record<string, string>;
  revoked: string;
  list_old_h: number;
  exercise: boolean;
  now: Iso;
  cargo: Record<string, [string, string]>;
}

export interface JointCity {
  root: string;
  name: string;
  name_en: string;
  joined_at: Iso;
  signed_at: Iso | null;
  signed_by: string | null;
  partners: { id: string; name: string; tasks: number }[];
}

export interface JointCase {
  id: string;
  title: string;
  text: string | null;
  state: string;
  cities: JointCity[];
  may_sign: string | null;
}
