/** What the map shows: chosen run and water layer, moment on the slider, switches, selection. */

import { computed, effect, signal } from "@preact/signals";
import type { RunDetail } from "../api/contract";
import { get } from "../api/http";
import { clock, live } from "../state";

export type Water = "p50" | "p90" | "probability" | "off";
export type Probability = "0.15" | "0.30" | "0.50";
export type Selection = { kind: "station" | "place" | "report"; id: string };

export const SWITCHES = [
  "stations",
  "places",
  "villages",
  "water_lines",
  "dikes",
  "roads",
  "passability",
  "resources",
  "polders",
  "works",
  "shelters",
  "reports",
  "track",
  "rain",
] as const;
export type Switch = (typeof SWITCHES)[number];

export const shown = signal<Record<Switch, boolean>>({
  stations: true,
  places: true,
  villages: true,
  water_lines: true,
  dikes: true,
  roads: true,
  passability: false,
  resources: false,
  polders: false,
  works: false,
  shelters: false,
  reports: true,
  track: true,
  rain: false,
});
export const water = signal<Water>("p50");
export const probability = signal<Probability>("0.30");
export const selection = signal<Selection | null>(null);

/** Run that the viewer chose; null follows the newest published one. */
export const pinned = signal<string | null>(null);
export const published = computed(() =>
  (live.runs.value.value ?? []).filter((run) => run.state === "published"),
);
export const runId = computed(() => pinned.value ?? published.value[0]?.id ?? null);
export const run = signal<RunDetail | null>(null);

/** Position on the slider in frames, fractions mix two frames. */
export const position = signal(0);
export const playing = signal(false);
/** Whether the slider follows event time until somebody takes hold of it. */
export const following = signal(true);

/** Position of an instant among the frames, held at both ends. */
export function positionOf(frames: readonly string[], instant: number): number {
  const last = frames.length - 1;
  if (last < 1) return 0;
  const first = Date.parse(frames[0]!);
  const step = (Date.parse(frames[last]!) - first) / last;
  return Math.min(last, Math.max(0, (instant - first) / step));
}

/** Instant of the slider, ISO UTC, or null while there is no run. */
export const moment = computed(() => {
  const frames = run.value?.frames;
  if (!frames?.length) return null;
  const at = Math.min(frames.length - 1, Math.max(0, position.value));
  const low = Date.parse(frames[Math.floor(at)]!);
  const high = Date.parse(frames[Math.ceil(at)]!);
  return new Date(low + (high - low) * (at % 1)).toISOString();
});

effect(() => {
  const wanted = runId.value;
  if (!wanted || run.peek()?.id === wanted) return;
  void get<RunDetail>(`/runs/${wanted}`).then((detail) => {
    if (runId.peek() !== wanted) return;
    const before = moment.peek();
    run.value = detail;
    // the moment in view stays in view when a newer run takes over
    if (before && !following.peek()) position.value = positionOf(detail.frames, Date.parse(before));
  }, () => undefined);
});

effect(() => {
  const now = clock.value?.now;
  const frames = run.value?.frames;
  if (now && frames && following.value && !playing.value) {
    position.value = positionOf(frames, Date.parse(now));
  }
});
