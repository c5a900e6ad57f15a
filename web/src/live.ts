/** The live stream: hears what changed and has the lists concerned fetched again. */

import { signal } from "@preact/signals";
import type { ClockBody, LiveEntry } from "./api/contract";
import { address } from "./api/http";
import { concernedBy } from "./merge";
import { clock, live, type LiveName } from "./state";

export const connected = signal(true);

/** Least time between two fetches of one list, ms: a fast replay tells of hundreds of changes. */
const PAUSE: Partial<Record<LiveName, number>> = { stations: 1000, track: 2000, alerts: 600 };
const DEFAULT_PAUSE = 500;

const due = new Map<LiveName, ReturnType<typeof setTimeout>>();

function later(name: LiveName): void {
  if (due.has(name)) return;
  const timer = setTimeout(() => {
    due.delete(name);
    void live[name].refresh();
  }, PAUSE[name] ?? DEFAULT_PAUSE);
  due.set(name, timer);
}

export function refreshAll(): Promise<unknown> {
  return Promise.all(Object.values(live).map((resource) => resource.refresh()));
}

/** Opens the stream; the browser reconnects by itself and sends the last id that it saw. */
export function listen(): void {
  const source = new EventSource(address("/live"));
  let wasDown = false;
  source.addEventListener("open", () => {
    connected.value = true;
    // without a gap the missed entries come by Last-Event-ID; a restarted service may have none
    if (wasDown) void refreshAll();
    wasDown = false;
  });
  source.addEventListener("error", () => {
    connected.value = false;
    wasDown = true;
    // a refused stream is closed for good by the browser: ask again
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  });
  source.addEventListener("clock", (event) => {
    clock.value = JSON.parse((event as MessageEvent<string>).data) as ClockBody;
  });
  source.addEventListener("journal", (event) => {
    const entry = JSON.parse((event as MessageEvent<string>).data) as LiveEntry;
    for (const name of concernedBy(entry.kind)) later(name);
  });
  source.addEventListener("reload", () => {
    // another replay has begun: entries of the old one must not be merged into it
    live.journal.value.value = null;
    void refreshAll();
  });
}
