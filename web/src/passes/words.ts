/** Words that firms' pages share: reasons for a colour, kinds of goods. */

import { signal } from "@preact/signals";
import type { FirmReason } from "../api/firms";
import { language, word } from "../i18n";

/** Words of the goods as the city's pack has them; set by whoever learned them. */
export const goods = signal<Readonly<Record<string, readonly [string, string]>>>({});

export function cargoWord(code: string): string {
  const pair = goods.value[code];
  return pair ? pair[language.value === "zh" ? 0 : 1] : code;
}

/** A reason for the colour, in words. */
export function reasonWords(reason: FirmReason): string {
  const share = reason.code === "danger" || reason.code === "attention";
  const value = reason.value === null ? "" : share ? `${Math.round(reason.value * 100)}%` : String(reason.value);
  return word("firm.reason", reason.code)
    .replace("{about}", reason.ref_name || reason.ref)
    .replace("{value}", value);
}
