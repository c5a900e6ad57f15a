/** What the phone knows of the firm, and what a checker carries: both there without a signal. */

import { effect } from "@preact/signals";
import type { FormField, Kit, OwnFirm } from "../../api/firms";
import { language } from "../../i18n";
import { goods } from "../../passes/words";
import { useEffect } from "preact/hooks";
import { known, type Known } from "../known";
import { messages } from "../state";

export const own = known<OwnFirm>("/me/firm");
export const kit = known<Kit>("/passes/kit");

effect(() => {
  const cargo = kit.value.value?.cargo;
  if (cargo) goods.value = cargo;
});

effect(() => {
  const field = own.value.value?.forms.freight_pass?.find((one) => one.key === "cargo");
  if (field) goods.value = Object.fromEntries(field.choices.map((one) => [one.value, [one.label, one.label_en]]));
});

export function label(field: Pick<FormField, "label" | "label_en">): string {
  return language.value === "zh" ? field.label : field.label_en;
}

/** Keeps an answer in step while its page is open: it is fetched again when the messages were,
 * which happens at the start, after a letter was sent, and when the desk tells of a change. */
export function useFresh(answer: Known<unknown>): void {
  useEffect(
    () =>
      effect(() => {
        void messages.asOf.value;
        void answer.refresh();
      }),
    [answer],
  );
}
