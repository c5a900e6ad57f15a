/** Keys of the desk: space, arrows, question mark, Escape. */

import { signal } from "@preact/signals";
import { moveBy } from "../map/slider";
import { selection } from "../map/view-state";
import { part } from "../command/state";
import { openedCase } from "../panels/chosen";
import { togglePause } from "./replay";

export const helpShown = signal(false);

/** Whether the key belongs to what has the focus: a field, a button pressed with space. */
function taken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  // a dialog closes itself on Escape, wherever the focus has gone
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest("input, select, textarea, .maplibregl-canvas-container")) return true;
  return event.key === " " && target.closest("button, a, summary") !== null;
}

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || taken(event)) return;
    if (event.key === " ") togglePause();
    else if (event.key === "ArrowRight") moveBy(event.shiftKey ? 6 : 1);
    else if (event.key === "ArrowLeft") moveBy(event.shiftKey ? -6 : -1);
    else if (event.key === "?") helpShown.value = !helpShown.value;
    else if (event.key === "Escape" && openedCase.peek()) openedCase.value = null;
    else if (event.key === "Escape" && part.peek()) part.value = null;
    else if (event.key === "Escape") selection.value = null;
    else if (event.key === "c") part.value = part.peek() ? null : "checklist";
    else return;
    event.preventDefault();
  });
}
