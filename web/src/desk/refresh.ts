/** Keeps the desk's lists in step with the live stream. */

import { listen, throttled } from "../live";
import { pinned } from "../map/view-state";
import { concernedBy } from "../merge";
import { part } from "../command/state";
import { openedCase } from "../panels/chosen";
import { clock, live, may, type LiveName } from "../state";

/** Least time between two fetches of one list, ms: a fast replay tells of hundreds of changes. */
const PAUSE: Partial<Record<LiveName, number>> = { stations: 1000, track: 2000, alerts: 600 };
const DEFAULT_PAUSE = 500;

const soon = Object.fromEntries(
  (Object.keys(live) as LiveName[]).map((name) => [
    name,
    throttled(() => live[name].refresh(), PAUSE[name] ?? DEFAULT_PAUSE),
  ]),
) as Record<LiveName, () => void>;

/** What is there for this account at this desk: the log is not for every role, a drill seldom runs. */
function readable(names: readonly LiveName[]): LiveName[] {
  return names.filter((name) => {
    if (name === "journal" || name === "handovers") return may("journal");
    return name !== "drill" || clock.peek()?.replay?.world === "drill";
  });
}

export function refreshAll(): Promise<unknown> {
  return Promise.all(readable(Object.keys(live) as LiveName[]).map((name) => live[name].refresh()));
}

/** Receipts are no decisions and stand in no log: while messages are under way they are asked for. */
const RECEIPTS_EVERY = 5_000;
const UNDER_WAY = ["planned", "queued", "sending", "sent", "unknown"];

function underWay(): boolean {
  return (live.alerts.value.peek() ?? []).some(
    (alert) => alert.state === "issued" && UNDER_WAY.some((state) => (alert.deliveries[state] ?? 0) > 0),
  );
}

export function keepInStep(): void {
  setInterval(() => underWay() && soon.alerts(), RECEIPTS_EVERY);
  listen({
    changed: (kind) => readable(concernedBy(kind)).forEach((name) => soon[name]()),
    resumed: () => void refreshAll(),
    restarted: () => {
      // what belongs to the former replay must not stay beside the new one
      live.journal.value.value = null;
      pinned.value = null;
      openedCase.value = null;
      part.value = null;
      void refreshAll();
    },
  });
}
