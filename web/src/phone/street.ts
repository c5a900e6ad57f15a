/** The picture of the street: shelters, water and where I am; kept for when there is no signal. */

import { effect, signal } from "@preact/signals";
import { bytes } from "../api/http";
import type { Iso, LonLat } from "../api/contract";
import { session } from "../state";
import { one, put } from "./database";
import type { Shelter, Water } from "./ground";
import { known } from "./known";
import { account } from "./person";
import { territory } from "./state";

export interface Street {
  as_of: Iso;
  approved: boolean;
  synthetic: string[];
  withheld: boolean;
  water: Water | null;
  shelters: Shelter[];
  reports: { lon: number; lat: number; low_m: number; high_m: number; seen_at: Iso }[];
  lines: GeoJSON.FeatureCollection<GeoJSON.LineString, { kind: string; name: string }>;
}

export const street = known<Street>("/street");
/** Frames of the run that `street` names, one after the other; null while they are not here. */
export const frames = signal<Uint8Array | null>(null);

interface KeptFrames {
  id: string;
  owner: string;
  path: string;
  run: string;
  value: Uint8Array;
}

const PATH = "/street/water";
const AGAIN_AFTER = 300_000;

async function fetchFrames(run: string, owner: string): Promise<void> {
  const id = `${owner} ${PATH}`;
  const held = await one<KeptFrames>("known", id).catch(() => null);
  if (held?.run === run) frames.value = held.value;
  else {
    frames.value = null;
    // asked for again with the next picture
    const came = await bytes(`${PATH}/${run}.u8`, undefined, owner).catch(() => null);
    if (!came || owner !== account()) return;
    frames.value = came;
    const kept: KeptFrames = { id, owner, path: PATH, run, value: came };
    await put("known", kept).catch(() => undefined);
  }
}

/** Keeps the picture in step while the page is open. */
export function followStreet(): void {
  effect(() => {
    const run = street.value.value?.water?.run;
    const owner = account();
    if (run && owner) void fetchFrames(run, owner);
    else frames.value = null;
  });
  void street.refresh();
  setInterval(() => void street.refresh(), AGAIN_AFTER);
}

export interface Here {
  at: LonLat;
  /** Radius of doubt, m; null for the middle of one's village. */
  accuracy: number | null;
}

const located = signal<Here | null>(null);
export const locating = signal(false);

export function locate(): void {
  if (!("geolocation" in navigator)) return;
  locating.value = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      located.value = { at: [coords.longitude, coords.latitude], accuracy: coords.accuracy };
      locating.value = false;
    },
    () => (locating.value = false),
    { enableHighAccuracy: true, timeout: 12_000, maximumAge: 60_000 },
  );
}

/** Where this phone is; until it has found itself, the middle of its person's own village. */
export function here(): Here | null {
  if (located.value) return located.value;
  const code = session.value.value?.account?.territory;
  const unit = territory.value.value?.features.find(({ properties }) => properties.code === code)?.properties as
    | { level: string; lon?: number; lat?: number }
    | undefined;
  if (unit?.level !== "village" || unit.lon === undefined || unit.lat === undefined) return null;
  return { at: [unit.lon, unit.lat], accuracy: null };
}
