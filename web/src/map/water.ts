/** Which frames the water layer shows now. */

import { effect, signal } from "@preact/signals";
import { bytes } from "../api/http";
import type { RunDetail } from "../api/contract";
import type { DepthLayer } from "./depth-layer";
import { Frames } from "./frames";
import { position, probability, run, water } from "./view-state";

/** Counts frames that arrived, so that what waits for one is asked again. */
const arrivals = signal(0);
/** Whether the frame of the slider's moment is not here yet. */
export const waiting = signal(false);

let frames: { key: string; store: Frames } | null = null;
const chances = new Map<string, Uint8Array>();

function framesOf(detail: RunDetail, layer: "p50" | "p90"): Frames {
  const key = `${detail.id}/${layer}`;
  if (frames?.key !== key) {
    const path = `/runs/${detail.id}/depth/${layer}`;
    frames = { key, store: new Frames(path, detail.frames.length, () => arrivals.value++) };
  }
  return frames.store;
}

function chanceOf(detail: RunDetail, threshold: string): Uint8Array | undefined {
  const path = `/runs/${detail.id}/probability/${threshold}.u8`;
  const held = chances.get(path);
  if (!held) {
    void bytes(path).then((grid) => {
      chances.clear();
      chances.set(path, grid);
      arrivals.value++;
    }, () => undefined);
  }
  return held;
}

/** Keeps `layer` showing the chosen run, product and moment; returns what stops it. */
export function showWater(layer: DepthLayer): () => void {
  return effect(() => {
    void arrivals.value;
    const detail = run.value;
    const kind = water.value;
    if (!detail) return;
    if (kind === "off") {
      waiting.value = false;
      layer.show(detail.grid, "depth", null);
      return;
    }
    if (kind === "probability") {
      const grid = chanceOf(detail, probability.value);
      waiting.value = !grid;
      if (grid) layer.show(detail.grid, "probability", { before: grid, after: grid, share: 0 });
      return;
    }
    const store = framesOf(detail, kind);
    const low = Math.floor(position.value);
    const before = store.frame(low);
    const after = store.frame(Math.min(low + 1, detail.frames.length - 1));
    waiting.value = !before || !after;
    // the last picture stays until the next is here: no flicker
    if (before && after) layer.show(detail.grid, "depth", { before, after, share: position.value - low });
  });
}
