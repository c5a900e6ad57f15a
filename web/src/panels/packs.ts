/** The kinds of case, as the city's packs describe them. */

import type { Pack } from "../api/packs";
import { language } from "../i18n";
import { resource } from "../state";

export const packs = resource<Pack[]>("/packs");

/** The pack of a kind once the packs are known; asks for them the first time. */
export function packOf(kind: string): Pack | undefined {
  if (packs.value.value === null && packs.failed.value === null) void packs.refresh();
  return packs.value.value?.find((pack) => pack.kind === kind);
}

/** A kind's, a pause's or a rule's own words in the language chosen. */
export function titleOf(thing: { title: string; title_en: string }): string {
  return language.value === "en" ? thing.title_en : thing.title;
}

/** The title of a kind; its code until the packs are known. */
export function kindName(kind: string): string {
  const pack = packOf(kind);
  return pack ? titleOf(pack) : kind;
}
