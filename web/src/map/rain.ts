/** Rain of the hour before the moment in view: from radar, or where that lies ahead, forecast. */

import { computed, effect, signal } from "@preact/signals";
import type { CanvasSource, Map as MapView } from "maplibre-gl";
import type { Rain } from "../api/contract";
import { get } from "../api/http";
import { onRamp, RAIN_RAMP } from "../depth";
import { eventNow } from "../state";
import { following, moment, shown } from "./view-state";

const STEP = 5 * 60_000;
const UNKNOWN = 255;

/** What the map shows; null while there is none for the moment, undefined before the first answer. */
export const rain = signal<Rain | null | undefined>(undefined);

/** The moment asked for, so coarse that a slider under way does not ask at every frame. */
const wanted = computed(() => {
  if (!shown.value.rain) return null;
  const at = following.value || !moment.value ? eventNow() : Date.parse(moment.value);
  return Math.floor(at / STEP) * STEP;
});

/** mm of a byte of the answer: (c/10)². */
export function rainOfCode(code: number): number {
  return (code / 10) ** 2;
}

function paint(canvas: HTMLCanvasElement, found: Rain): void {
  canvas.width = found.width;
  canvas.height = found.height;
  const context = canvas.getContext("2d")!;
  const picture = context.createImageData(found.width, found.height);
  const codes = Uint8Array.from(atob(found.codes), (letter) => letter.charCodeAt(0));
  codes.forEach((code, i) => {
    const mm = rainOfCode(code);
    if (code === UNKNOWN || mm < RAIN_RAMP[0]!.at) return;
    const [red, green, blue, alpha] = onRamp(RAIN_RAMP, mm);
    picture.data.set([red, green, blue, alpha * 255], 4 * i);
  });
  context.putImageData(picture, 0, 0);
}

/** Puts the layer `rain` under `before` and keeps it at the moment in view; returns what stops it. */
export function addRain(map: MapView, before: string): () => void {
  const canvas = document.createElement("canvas");
  const draw = (found: Rain): void => {
    paint(canvas, found);
    const [west, south, east, north] = found.bounds;
    const corners: [[number, number], [number, number], [number, number], [number, number]] = [
      [west, north],
      [east, north],
      [east, south],
      [west, south],
    ];
    const held = map.getSource<CanvasSource>("rain");
    if (!held) {
      map.addSource("rain", { type: "canvas", canvas, coordinates: corners, animate: false });
      map.addLayer(
        { id: "rain", type: "raster", source: "rain", paint: { "raster-opacity": 0.75, "raster-fade-duration": 0 } },
        before,
      );
      return;
    }
    held.setCoordinates(corners);
    // a canvas that stands still is read again while it plays
    held.play();
    map.once("render", () => held.pause());
  };
  const stop = [
    effect(() => {
      const at = wanted.value;
      if (at === null) return;
      void get<Rain | null>(`/rain?at=${new Date(at).toISOString()}`).then((found) => {
        if (wanted.peek() === at) rain.value = found;
      }, () => undefined);
    }),
    effect(() => {
      const found = rain.value;
      if (found) draw(found);
      if (map.getLayer("rain")) {
        map.setLayoutProperty("rain", "visibility", found && shown.value.rain ? "visible" : "none");
      }
    }),
  ];
  return () => stop.forEach((end) => end());
}
