/** Which case is open in the drawer, and which tab the right column shows. */

import { signal } from "@preact/signals";

export type Tab = "assessment" | "cases" | "firms" | "dispatch" | "volunteers" | "stations" | "journal";

export const tab = signal<Tab>("assessment");
export const openedCase = signal<string | null>(null);

export function openCase(id: string): void {
  openedCase.value = id;
}
