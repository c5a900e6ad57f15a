/** What the phone knows of the firm, and what a checker carries: both there without a signal. */

import type { FormField, Kit, OwnFirm } from "../../api/firms";
import { language, word } from "../../i18n";
import { known } from "../known";

export const own = known<OwnFirm>("/me/firm");
export const kit = known<Kit>("/passes/kit");

/** The word for a kind of goods, from the city's own list. */
export function cargoWord(code: string): string {
  const field = own.value.value?.forms.freight_pass?.find((one) => one.key === "cargo");
  const choice = field?.choices.find((one) => one.value === code);
  const pair = kit.value.value?.cargo[code];
  if (language.value === "zh") return choice?.label ?? pair?.[0] ?? code;
  return choice?.label_en ?? pair?.[1] ?? code;
}

export function label(field: Pick<FormField, "label" | "label_en">): string {
  return language.value === "zh" ? field.label : field.label_en;
}

/** A reason for the colour, in words. */
export function reasonWords(reason: { code: string; ref: string; ref_name: string; value: number | null }): string {
  const about = reason.ref_name || reason.ref;
  const value = reason.value === null ? "" : reason.value <= 1 && ["danger", "attention"].includes(reason.code) ? `${Math.round(reason.value * 100)}%` : String(reason.value);
  return word("firm.reason", reason.code).replace("{about}", about).replace("{value}", value);
}
