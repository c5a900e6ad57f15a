/** Shapes of the kinds of case: their forms, points and bookings. */

import type { Iso } from "./contract";

export type FieldType =
  | "text" | "words" | "integer" | "number" | "yes_no" | "choice" | "choices" | "date" | "moment"
  | "photos" | "phone" | "account" | "place" | "shelter" | "venue";
export type Phase = "open" | "done" | "check";

export interface Option {
  value: string;
  label: string;
  label_en: string;
}

export interface PackField {
  key: string;
  type: FieldType;
  label: string;
  label_en: string;
  hint: string;
  hint_en: string;
  required: boolean;
  personal: boolean;
  min: number | null;
  max: number | null;
  unit: string;
  /** Key of a field with choices: one answer for each choice made there. */
  each: string;
  /** What a check must find before the case can be verified. */
  must: boolean | string | null;
  when: { key: string; is: (string | boolean | number)[] } | null;
  options: Option[];
}

export interface Pack {
  kind: string;
  title: string;
  title_en: string;
  about: string;
  about_en: string;
  priority: number;
  may_open: boolean;
  /** Whether its minutes count day and night, or in the city's working hours alone. */
  hours: "always" | "working";
  fields: Record<Phase, PackField[]>;
  pauses: { code: string; title: string; title_en: string }[];
  evidence: { text: boolean; photos: number };
  reporter: { rating: boolean; reopen_days: number };
  points: { to: string; points: number; words: string; words_en: string }[];
  books: { venue: string; starts: string; ends: string; slot_min: number } | null;
}

/** An answer as it is sent and shown; `sealed`: personal, opened one by one. */
export type Answer = string | number | boolean | string[] | { sealed: true } | { [choice: string]: Answer } | null;
export type Answers = Record<string, Answer>;

export interface Likeness {
  id: string;
  title: string;
  state: string;
  distance_m: number | null;
  minutes: number;
  alike: number | null;
}

export interface PointsLine {
  seq: number;
  at: Iso;
  case: string;
  kind: string;
  points: number;
  words: string;
  words_en: string;
}

export interface Ledger {
  account: string;
  balance: number;
  lines: PointsLine[];
}

export interface PointsRow {
  account: string;
  name: string;
  role: string;
  territory_name: string;
  points: number;
}

export interface Bookings {
  rooms: {
    id: string;
    name: string;
    name_en: string;
    territory_name: string;
    seats: number;
    shelter: boolean;
    synthetic: boolean;
  }[];
  taken: { venue: string; starts: Iso; ends: Iso; case: string | null }[];
}
