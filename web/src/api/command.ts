/** Shapes of the command post: orders, posts, the checklist, hand-overs, drills. */

import type { Iso } from "./contract";

export interface Order {
  id: string;
  incident: string;
  kind: "order" | "report" | "decision";
  state: "given" | "acknowledged" | "done" | "withdrawn" | "noted";
  /** Null once erased. */
  what: string | null;
  by: string;
  by_name: string;
  entered_by: string;
  entered_by_name: string;
  to: string | null;
  to_name: string | null;
  means: string;
  given_at: Iso;
  entered_at: Iso;
  ack_due_at: Iso | null;
  acknowledged_at: Iso | null;
  acknowledged_by: string | null;
  acknowledged_by_name: string | null;
  acknowledged_means: string | null;
  answer: string | null;
  ended_at: Iso | null;
  ended_by_name: string | null;
  ended_words: string | null;
  /** Accounts that it climbed to unanswered, by name, and when. */
  told: string[];
  told_names: string[];
  told_at: Iso | null;
  late: boolean;
  allowed: string[];
}

export interface Post {
  post: string;
  name: string;
  name_en: string;
  duty: string;
  duty_en: string;
  roles: string[];
  from: string | null;
  account: string | null;
  account_name: string | null;
  since: Iso | null;
  missing: boolean;
  may_take: boolean;
  past: { account: string; account_name: string; from: Iso; to: Iso | null; how: string }[];
}

export interface CommandPost {
  incident: { id: string; name: string; state: string } | null;
  posts: Post[];
  orders: Order[];
  may_write: boolean;
}

export interface AtWork {
  id: string;
  name: string;
  role: string;
  territory_name: string;
  department: string;
}

export type Status = "waiting" | "open" | "late" | "done" | "done_late" | "withdrawn";

export type Counts = Partial<Record<Status, number>>;

export interface ChecklistRow {
  case: string;
  title: string;
  down: boolean;
  state: string;
  status: Status;
  unanswered: boolean;
  who_name: string | null;
  town_name: string;
  opened_at: Iso;
  due_at: Iso | null;
  done_at: Iso | null;
}

export interface ChecklistStep {
  id: string;
  title: string;
  title_en: string;
  text: string;
  after: string[];
  ack_min: number;
  done_min: number;
  when_lowered: string;
  stand_down: string | null;
  coming: number;
  counts: Counts;
  total: number;
  by: ({ name: string } & Counts)[];
  towns: ({ name: string } & Counts)[];
  rows: ChecklistRow[];
}

export interface Checklist {
  incident: string;
  plan_name: string;
  plan_name_en: string;
  level: string;
  at: Iso;
  levels: { level: string; reached: boolean; steps: ChecklistStep[] }[];
}

export interface Foreseen {
  level: string;
  starts: { step: string; title: string; title_en: string; count: number; targets: string[] }[];
  stands_down: { step: string; title: string; title_en: string; count: number; targets: string[] }[];
  withdrawn: { case: string; title: string }[];
  stopped: { case: string; title: string }[];
  runs_on: { case: string; title: string }[];
}

export interface Handover {
  id: string;
  incident: string;
  state: "draft" | "signed" | "acknowledged";
  from: string;
  from_name: string;
  to: string | null;
  to_name: string | null;
  drafted_at: Iso;
  signed_at: Iso | null;
  acknowledged_at: Iso | null;
  acknowledged_by_name: string | null;
  text: string | null;
  remark: string | null;
  posts: string[];
  allowed: string[];
}

export interface DrillInject {
  id: string;
  at: Iso;
  title: string;
  title_en: string;
  text: string;
  to: string[];
  case: string | null;
  question: {
    text: string;
    choices: string[];
    within_min: number;
    answered: number | null;
    asked: boolean;
  } | null;
}

export interface Drill {
  id: string;
  name: string;
  name_en: string;
  goal: string;
  goal_en: string;
  source: string;
  from: Iso;
  to: Iso;
  started_at: Iso | null;
  ended_at: Iso | null;
  may_direct: boolean;
  played: number;
  injects: DrillInject[];
}
