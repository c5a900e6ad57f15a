/** Which firms are listed, which dossier is open, and what the desk knows of passes. */

import { effect, signal } from "@preact/signals";
import type { FirmLine, FreightPass, Kit } from "../api/firms";
import { get } from "../api/http";
import { goods } from "../passes/words";
import { live, resource } from "../state";

export const firms = resource<FirmLine[]>("/firms");
export const passes = resource<FreightPass[]>("/passes");

export const openedFirm = signal<string | null>(null);
/** Counts up when something of a firm was changed here, so that its dossier is read again. */
export const changes = signal(0);

export async function refreshFirms(): Promise<void> {
  changes.value += 1;
  await Promise.all([firms.refresh(), passes.refresh()]);
}

/** While the tab is open the lists follow cases, reports and assessments. */
export function follow(): () => void {
  if (!Object.keys(goods.peek()).length) {
    // without them the list shows codes: no reason to trouble anybody
    get<Kit>("/passes/kit").then((kit) => (goods.value = kit.cargo), () => undefined);
  }
  return effect(() => {
    void live.cases.value.value;
    void live.assessment.value.value;
    void firms.refresh();
    void passes.refresh();
  });
}
