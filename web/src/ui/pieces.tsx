/** Small pieces that panels share. */

import type { ComponentChildren } from "preact";
import type { Colour } from "../api/contract";
import { language, t, word } from "../i18n";
import { eventNow, zone } from "../state";
import { dayTime, shortTime, span } from "../time";

export function Section(props: {
  title: string;
  count?: number;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="section" aria-label={props.title}>
      <header class="section-head">
        <h2>{props.title}</h2>
        {props.count !== undefined && props.count > 0 && <span class="count">{props.count}</span>}
        <span class="spring" />
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** What stands where a list would, when it is empty, not here yet or could not be had. */
export function Nothing({ loaded, failed, text }: { loaded: boolean; failed?: string | null; text: string }) {
  if (failed) return <p class="nothing">{failed}</p>;
  if (!loaded) return <p class="nothing loading">{t("loading")}</p>;
  return <p class="nothing">{text}</p>;
}

/** Name of a warning colour on that colour; also readable without it. */
export function ColourChip({ colour }: { colour: Colour }) {
  return <span class={`chip level-${colour}`}>{word("colour", colour)}</span>;
}

export function Time({ at, long }: { at: string | null; long?: boolean }) {
  if (!at) return <span>—</span>;
  const shown = long ? dayTime(at, zone(), language.value) : shortTime(at, zone());
  return <time dateTime={at}>{shown}</time>;
}

/** "余 25 分" until a moment, "超 25 分" after it. */
export function Due({ at }: { at: string }) {
  const left = Date.parse(at) - eventNow();
  const words = span(left, language.value);
  return left >= 0 ? (
    <span class="due">{t("due.left", { span: words })}</span>
  ) : (
    <span class="due overdue">{t("due.over", { span: words })}</span>
  );
}

export function percent(probability: number): string {
  return `${Math.round(probability * 100)}%`;
}

/** A bar for a probability, in the violet that means probability everywhere. */
export function Chance({ value, label }: { value: number; label: string }) {
  return (
    <span class="chance" title={label}>
      <span class="chance-bar" aria-hidden="true">
        <span style={{ width: percent(value) }} />
      </span>
      <span class="chance-value">{percent(value)}</span>
    </span>
  );
}
