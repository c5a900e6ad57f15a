/** The pages of the phone. A line here is all that a new page needs. */

import type { ComponentType } from "preact";
import type { Key } from "../i18n";
import { JointPage } from "./firm/joint";
import { DrillPage, inDrill, unansweredQuestions } from "./drill";
import { FirmPage } from "./firm/page";
import { VerifyPage } from "./firm/verify";
import { SecurityPanel } from "../ui/security";
import { foreseen } from "./foreseen";
import { StreetMap } from "./map";
import { Matters } from "./matters";
import { Messages } from "./messages";
import { Mine } from "./mine";
import { Points } from "./points";
import { Orders, unansweredOrders } from "./orders";
import { Report } from "./report";
import { Settings } from "./settings";
import { letters, messages, tasks } from "./state";
import { Tasks } from "./tasks";
import { VolunteerPage } from "./volunteer/page";
import { waiting as volunteerWaits } from "./volunteer/known";
import { Waiting } from "./waiting";

export interface PhonePage {
  /** Its place in the address (`#name`) and its `data-testid` (`phone-name`). */
  name: string;
  title: Key;
  /** A path on a square of 24, drawn as a line. */
  icon: string;
  view: ComponentType;
  /** How many things wait there for an answer. */
  waiting?: () => number;
  /** Roles that have the page; everybody without it. */
  roles?: readonly string[];
  /** Whether it is there at all now; always without it. */
  when?: () => boolean;
  /** Stands in the bar below (four at most are shown); otherwise in the list under "more". */
  bar?: boolean;
  /** Roles for whom it stands first in the bar. */
  first?: readonly string[];
}

/** Those who are given tasks. */
export const FIELD = ["crew", "grid_worker", "volunteer", "village_officer"] as const;

/** Those who are given orders, or hear of one that nobody answered. */
const ORDERED = [...FIELD, "town_officer", "liaison", "duty_officer", "commander"] as const;

/** Those who may stand at a barrier. */
const CHECKERS = [...FIELD, "town_officer", "duty_officer", "liaison", "partner"] as const;

/** Those who earn points for matters of the grid. */
const EARNING = ["grid_worker", "resident", "volunteer"] as const;

const unanswered = () => (messages.value.value ?? []).filter((one) => !one.answered_at).length;
const unfinished = () =>
  (tasks.value.value ?? [])
    .map((one) => foreseen(one, letters.value))
    .filter((one) => one.state !== "done" && one.state !== "expired").length;

export const PAGES: readonly PhonePage[] = [
  { name: "messages", title: "phone.tab.messages", icon: "M4 5h16v11H10l-4 4v-4H4z", view: Messages, waiting: unanswered, bar: true },
  { name: "tasks", title: "phone.tab.tasks", icon: "M5 4h14v17H5zM9 4V2.500h6V4M8.500 12.500l2.500 2.500 4.500-5", view: Tasks, waiting: unfinished, bar: true },
  { name: "report", title: "phone.tab.report", icon: "M12 3l10 18H2zM12 10v5M12 17.500v.5", view: Report, bar: true },
  { name: "firm", title: "phone.tab.firm", icon: "M3 21V9l6 4V9l6 4V3h6v18zM8 17h.01M12 17h.01M16 17h.01", view: FirmPage, roles: ["firm"], bar: true },
  { name: "joint", title: "phone.tab.joint", icon: "M8 12l3 3 5-5M2 8l5-4 5 3 5-3 5 4v7l-6 6-4-3-4 3-6-6z", view: JointPage, roles: ["partner"], bar: true },
  { name: "map", title: "phone.tab.map", icon: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14", view: StreetMap, bar: true },
  { name: "volunteer", title: "phone.tab.volunteer", icon: "M12 20s-7-4.500-7-10a4 4 0 0 1 7-2.600A4 4 0 0 1 19 10c0 5.500-7 10-7 10z", view: VolunteerPage, waiting: volunteerWaits, first: ["volunteer"] },
  { name: "verify", title: "phone.tab.verify", icon: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2z", view: VerifyPage, roles: CHECKERS },
  { name: "matters", title: "phone.tab.matters", icon: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.4-1 .8-1 1.700M12 16.800v.1", view: Matters },
  { name: "drill", title: "drill.injects", icon: "M6 3v18M6 4h12l-3 4 3 4H6", view: DrillPage, waiting: unansweredQuestions, when: inDrill },
  { name: "orders", title: "phone.tab.orders", icon: "M5 4h14v12H9l-4 4zM9 8h6M9 12h4", view: Orders, waiting: unansweredOrders, roles: ORDERED },
  { name: "mine", title: "phone.tab.mine", icon: "M5 4h14v17H5zM8.500 9h7M8.500 13h7M8.500 17h4", view: Mine },
  { name: "points", title: "points.balance", icon: "M12 3l2.700 5.700 6.300.8-4.600 4.300 1.200 6.200L12 17l-5.600 3 1.200-6.200L3 9.500l6.300-.8z", view: Points, roles: EARNING },
  { name: "waiting", title: "phone.tab.waiting", icon: "M4 13l3-8h10l3 8v6H4zM4 13h5l1.500 2.500h3L15 13h5", view: Waiting, waiting: () => letters.value.length },
  { name: "security", title: "security", icon: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4", view: SecurityPanel },
  { name: "settings", title: "phone.tab.settings", icon: "M5 19L10 6h1l5 13M6.800 14.500h7.400M17 19l2-5 2 5", view: Settings },
];

/** The pages that `role` has: those of the bar, and the others. */
export function pagesOf(role: string): { bar: PhonePage[]; more: PhonePage[] } {
  const mine = PAGES.filter((page) => (!page.roles || page.roles.includes(role)) && (page.when?.() ?? true));
  const first = mine.filter((page) => page.first?.includes(role));
  const bar = [...first, ...mine.filter((page) => page.bar)].slice(0, 4);
  return { bar, more: mine.filter((page) => !bar.includes(page)) };
}
