/** What the desk knows: one signal for each answer of the service, fetched again when told. */

import { signal, type Signal } from "@preact/signals";
import { get, RefusalError } from "./api/http";
import type {
  AccountSummary,
  Alert,
  Assessment,
  CaseItem,
  ClockBody,
  DepthReport,
  Incident,
  JournalEntry,
  LayerProperties,
  Notice,
  PlaceProperties,
  Run,
  Session,
  Station,
  StationHealth,
  Task,
  TerritoryProperties,
  Track,
} from "./api/contract";
import type { CommandPost, Drill, Handover } from "./api/command";
import type { Request, Resources, RoadOrder } from "./dispatch/shapes";
import { refusalWords, t } from "./i18n";
import { latestFirst, missing } from "./merge";

type Collection<P> = GeoJSON.FeatureCollection<GeoJSON.Geometry, P>;

/** An answer that is fetched, kept and fetched again; `value` is null until it first came. */
export interface Resource<T> {
  readonly value: Signal<T | null>;
  readonly failed: Signal<string | null>;
  /** The service said that there is nothing of the kind here; not even later by waiting. */
  readonly absent: Signal<boolean>;
  refresh(): Promise<void>;
}

/** `merge` joins what is held with what came; without it the new answer replaces the old. */
export function resource<T>(
  path: string,
  merge?: (held: T | null, came: T) => T,
  gap?: (held: T | null, came: T) => string | null,
): Resource<T> {
  const value = signal<T | null>(null);
  const failed = signal<string | null>(null);
  const absent = signal(false);
  let running: Promise<void> | null = null;
  let again = false;

  async function load(): Promise<void> {
    try {
      let came: T = await get<T>(path);
      // more may have happened at once than a page holds
      for (let more = gap?.(value.value, came); more && merge; more = gap?.(value.value, came)) {
        came = merge(came, await get<T>(more));
      }
      value.value = merge ? merge(value.value, came) : came;
      failed.value = null;
      absent.value = false;
    } catch (error) {
      absent.value = error instanceof RefusalError && error.status === 404;
      // not found means "none yet" (no assessment before the first run)
      if (!(error instanceof RefusalError)) failed.value = t("offline");
      else failed.value = error.status === 404 ? null : refusalWords(error);
    }
  }

  return {
    value,
    failed,
    absent,
    refresh() {
      // a change told while a fetch is under way asks for one more, never for two
      if (running) {
        again = true;
        return running;
      }
      running = load().finally(() => {
        running = null;
        if (again) {
          again = false;
          void this.refresh();
        }
      });
      return running;
    },
  };
}

export const session = resource<Session>("/session");
export const territory = resource<Collection<TerritoryProperties>>("/territory");
export const layers = resource<Collection<LayerProperties>>("/layers");
export const accounts = resource<AccountSummary[]>("/accounts");
export const stationHealth = resource<StationHealth[]>("/stations/health");

export const clock = signal<ClockBody | null>(null);

export const live = {
  stations: resource<Station[]>("/stations"),
  reports: resource<Collection<DepthReport>>("/depth-reports"),
  places: resource<Collection<PlaceProperties>>("/places"),
  track: resource<Track>("/track"),
  runs: resource<Run[]>("/runs"),
  assessment: resource<Assessment>("/assessments/latest"),
  alerts: resource<Alert[]>("/alerts"),
  official: resource<Notice[]>("/official"),
  incidents: resource<Incident[]>("/incidents"),
  cases: resource<CaseItem[]>("/cases"),
  tasks: resource<Task[]>("/tasks"),
  resources: resource<Resources>("/resources"),
  requests: resource<Request[]>("/resources/requests"),
  roadOrders: resource<RoadOrder[]>("/roads/by-hand"),
  command: resource<CommandPost>("/command"),
  handovers: resource<Handover[]>("/handovers"),
  drill: resource<Drill>("/drill"),
  journal: resource<JournalEntry[]>("/journal?limit=120", latestFirst, missing),
};

export type LiveName = keyof typeof live;

export function zone(): string {
  return session.value.value?.city.zone ?? "UTC";
}

/** Event time now, ms; real time while the clock is not known. */
export function eventNow(): number {
  const now = clock.value?.now;
  return now ? Date.parse(now) : Date.now();
}

/** Whether the signed-in account holds a right. */
export function may(right: string): boolean {
  return session.value.value?.rights.includes(right) ?? false;
}
