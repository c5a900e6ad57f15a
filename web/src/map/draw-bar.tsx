/** What is drawn for which draft, with the buttons and keys that change it. */

import type { Map as MapView } from "maplibre-gl";
import { useEffect, useState } from "preact/hooks";
import type { LonLat } from "../api/contract";
import { t } from "../i18n";
import { changed, chooseNext, clear, close, move, put, redo, remove, undo, type Drawing } from "./drawing";
import { draw, drawing, drawnFor, saveDrawing, stopDrawing, takeWater } from "./drawing-state";

/** What one press of Alt and an arrow moves a corner by. */
const NUDGE_PX = 8;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-NUDGE_PX, 0],
  ArrowRight: [NUDGE_PX, 0],
  ArrowUp: [0, -NUDGE_PX],
  ArrowDown: [0, NUDGE_PX],
};

export function DrawBar({ map }: { map: MapView | null }) {
  const now = drawing.value;
  const alert = drawnFor.value;
  useEffect(() => {
    if (!alert || !map) return;
    map.getCanvas().focus();
    const hear = (event: KeyboardEvent) => {
      if (press(event, map)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    // before the map and the desk, which have arrows and space of their own
    addEventListener("keydown", hear, true);
    return () => removeEventListener("keydown", hear, true);
  }, [alert?.id, map]);
  return now && alert ? <Bar now={now} headline={alert.headline} /> : null;
}

function Bar({ now, headline }: { now: Drawing; headline: string }) {
  const [busy, setBusy] = useState(false);
  const run = async (job: () => Promise<unknown>) => {
    setBusy(true);
    await job();
    setBusy(false);
  };
  const corners = now.now.rings.reduce((all, ring) => all + ring.length, now.now.open.length);
  const open = now.now.open.length > 0;
  return (
    <>
      <span class="draw-cross" aria-hidden="true" />
      <section class="draw-bar" data-testid="draw-bar" aria-label={t("draw.start")}>
        <strong>{t("draw.title", { headline })}</strong>
        <p>{t("draw.how")}</p>
        <p role="status" data-testid="draw-state" data-rings={now.now.rings.length} data-open={now.now.open.length}>
          {t("draw.state", { rings: now.now.rings.length, corners })}
          {open && ` · ${t("draw.open")}`}
        </p>
        <div class="actions">
          <button type="button" data-testid="draw-undo" disabled={!now.past.length} onClick={() => draw(undo)}>
            {t("draw.undo")} <kbd>Ctrl Z</kbd>
          </button>
          <button type="button" data-testid="draw-redo" disabled={!now.ahead.length} onClick={() => draw(redo)}>
            {t("draw.redo")}
          </button>
          <button type="button" disabled={now.now.open.length < 3} onClick={() => draw(close)}>
            {t("draw.close")}
          </button>
          <button type="button" disabled={!open && !now.chosen} onClick={() => draw(remove)}>
            {t("draw.remove")}
          </button>
          <button type="button" data-testid="draw-clear" disabled={!corners} onClick={() => draw(clear)}>
            {t("draw.clear")}
          </button>
          <button type="button" data-testid="draw-water" disabled={busy} onClick={() => void run(takeWater)}>
            {t("draw.water")}
          </button>
          <span class="spring" />
          <button type="button" data-testid="draw-leave" onClick={stopDrawing}>
            {t("draw.leave")}
          </button>
          <button
            type="button"
            class="primary"
            data-testid="draw-save"
            disabled={busy || open || !changed(now)}
            onClick={() => void run(saveDrawing)}
          >
            {t(now.now.rings.length || open ? "draw.save" : "draw.save_whole")}
          </button>
        </div>
      </section>
    </>
  );
}

/** What a key does while an area is drawn; false: nothing, it belongs to somebody else. */
function press(event: KeyboardEvent, map: MapView): boolean {
  const target = event.target as HTMLElement;
  if (document.querySelector("dialog[open]") || target.closest("input, select, textarea")) return false;
  const letter = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (letter === "z") draw(event.shiftKey ? redo : undo);
    else if (letter === "y") draw(redo);
    else return false;
    return true;
  }
  const arrow = ARROWS[event.key];
  if (event.altKey) {
    const corner = drawing.peek()?.chosen;
    if (!arrow || !corner) return false;
    draw((now) => {
      const at = map.project(now.now.rings[corner.ring]![corner.at]!);
      const to = map.unproject([at.x + arrow[0], at.y + arrow[1]]);
      return move(now, corner, [to.lng, to.lat] as LonLat);
    });
    return true;
  }
  // buttons keep their own space and Enter
  if (target.closest("button, a, summary") && [" ", "Enter"].includes(event.key)) return false;
  if (arrow && !target.closest(".maplibregl-canvas-container")) map.panBy([arrow[0] * 12, arrow[1] * 12]);
  else if (event.key === " ") draw((now) => put(now, map.getCenter().toArray() as LonLat));
  else if (event.key === "Enter") draw(close);
  else if (event.key === "Backspace" || event.key === "Delete") draw(remove);
  else if (event.key === ".") draw((now) => chooseNext(now, 1));
  else if (event.key === ",") draw((now) => chooseNext(now, -1));
  else if (event.key === "Escape" && !changed(drawing.peek()!)) stopDrawing();
  else return false;
  return true;
}
