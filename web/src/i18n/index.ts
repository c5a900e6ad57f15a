/** Words of the pages in the language chosen; Chinese first. */

import { signal } from "@preact/signals";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";
export type Key = keyof typeof zh;

const STORED = "anlan.language";

function stored(): Language {
  try {
    return localStorage.getItem(STORED) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

export const language = signal<Language>(stored());

export function choose(next: Language): void {
  language.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // a private window may refuse: the choice then lasts for this page only
  }
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  const words: string = (language.value === "zh" ? zh : en)[key];
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The word for a code of the service (`state.draft`), or the code itself when it is new. */
export function word(group: string, code: string): string {
  const key = `${group}.${code}`;
  return key in zh ? t(key as Key) : code;
}

/** A thing's own name in the language chosen. */
export function named(thing: { name: string; name_en?: string | null }): string {
  return language.value === "en" && thing.name_en ? thing.name_en : thing.name;
}

/** The same without its mark "invented", for lists that say so once for all. */
export function shortly(thing: { name: string; name_en?: string | null }): string {
  return named(thing).replace(/\s*[（(](虚构|invented)[）)]$/, "");
}

/** What the service says when it refuses, in the language chosen. */
export function refusalWords(said: { message: string; zh?: string | undefined }): string {
  return (language.value === "zh" && said.zh) || said.message;
}

/** What an alert warns of: the service's own word in Chinese, ours elsewhere. */
export function hazardOf(alert: { event: string; event_name: string }): string {
  if (language.value === "zh") return alert.event_name;
  const known = word("event", alert.event);
  // official warnings carry their hazard in the issuer's words alone
  return known === alert.event ? word("event", alert.event_name) : known;
}
