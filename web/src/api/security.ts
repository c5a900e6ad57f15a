/** Shapes of one's own security, and of people whose data are opened by purpose. */

import type { Iso } from "./contract";

export interface OwnSession {
  id: string;
  device: string;
  method: "password" | "link" | "sso";
  created_at: Iso;
  seen_at: Iso;
  ends_at: Iso;
  here: boolean;
}

export interface Security {
  password: boolean;
  second_factor: boolean;
  required: boolean;
  recovery_codes: number;
  sessions: OwnSession[];
}

export interface PersonSummary {
  person: string;
  person_masked: string;
  account: string | null;
  role: string;
  territory: string;
  territory_name: string;
  synthetic: boolean;
}

export interface Opened {
  id: string;
  name: string;
  phone: string;
  until: Iso;
  seconds: number;
}

export interface Opening {
  id: string;
  at: Iso;
  by: string;
  by_name: string;
  purpose: string | null;
  subject: string | null;
}
