/** Which draft's area is being drawn, and which alert's area is only shown. */

import { signal } from "@preact/signals";
import type { Alert, Audience, LonLat } from "../api/contract";
import { get, post } from "../api/http";
import { t } from "../i18n";
import { live } from "../state";
import { attempt, done, refused } from "../ui/toast";
import { areaOf, begin, replace, sketchOf, type Drawing, type Sketch } from "./drawing";

type Area = GeoJSON.Polygon | GeoJSON.MultiPolygon;
type Whole = Alert & { polygon: Area | null };

export const drawnFor = signal<Alert | null>(null);
export const drawing = signal<Drawing | null>(null);
/** The area of an alert that somebody looks at. */
export const shownArea = signal<{ alert: string; area: Area } | null>(null);
/** Where the map is asked to go. */
export const lookAt = signal<[LonLat, LonLat] | null>(null);

/** Changes the drawing, if there is one. */
export function draw(change: (now: Drawing) => Drawing): void {
  if (drawing.value) drawing.value = change(drawing.value);
}

export async function startDrawing(alert: Alert): Promise<void> {
  const whole = await attempt(get<Whole>(`/alerts/${encodeURIComponent(alert.id)}`));
  if (!whole) return;
  shownArea.value = null;
  drawnFor.value = alert;
  drawing.value = begin(sketchOf(whole.polygon));
  if (whole.polygon) lookAt.value = boundsOf(whole.polygon);
}

export function stopDrawing(): void {
  drawnFor.value = null;
  drawing.value = null;
}

/** Takes the water that the newest run expects in the draft's area. */
export async function takeWater(): Promise<void> {
  const alert = drawnFor.value;
  if (!alert) return;
  const asked = alert.area.map((unit) => get<{ polygon: Area | null }>(`/water-outline?area=${encodeURIComponent(unit)}`));
  const found = await attempt(Promise.all(asked));
  if (!found) return;
  const water = found.flatMap((one) => (one.polygon ? [one.polygon] : []));
  if (!water.length) return refused(t("alert.no_water"));
  const now: Sketch = { rings: water.flatMap((one) => sketchOf(one).rings), open: [] };
  draw((before) => replace(before, now));
  lookAt.value = boundsOf(areaOf(now)!);
}

/** Saves the area with the draft, and says whom it now reaches. */
export async function saveDrawing(): Promise<boolean> {
  const alert = drawnFor.value;
  const now = drawing.value;
  if (!alert || !now) return false;
  const path = `/alerts/${encodeURIComponent(alert.id)}`;
  const kept = await attempt(post<{ polygon: Area | null }>(`${path}/polygon`, { polygon: areaOf(now.now) }));
  if (!kept) return false;
  stopDrawing();
  // cut to the warning's area, and so perhaps smaller than what was drawn
  shownArea.value = kept.polygon && { alert: alert.id, area: kept.polygon };
  await live.alerts.refresh();
  const told = await get<Audience>(`${path}/audience`).catch(() => null);
  done(told ? t("draw.saved", { n: told.total, lost: told.unreachable.length }) : t("draw.saved_only"));
  return true;
}

/** Shows the area of an alert on the map, or takes it off again. */
export async function toggleArea(alert: Alert): Promise<void> {
  if (shownArea.value?.alert === alert.id) {
    shownArea.value = null;
    return;
  }
  const whole = await attempt(get<Whole>(`/alerts/${encodeURIComponent(alert.id)}`));
  if (!whole?.polygon) return;
  shownArea.value = { alert: alert.id, area: whole.polygon };
  lookAt.value = boundsOf(whole.polygon);
}

function boundsOf(area: Area): [LonLat, LonLat] {
  const all = (area.type === "Polygon" ? [area.coordinates] : area.coordinates).flat(2);
  const of = (i: 0 | 1) => all.map((at) => at[i]!);
  return [
    [Math.min(...of(0)), Math.min(...of(1))],
    [Math.max(...of(0)), Math.max(...of(1))],
  ];
}
