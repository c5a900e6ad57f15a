/** Runs of entries that one decision made: a level set opens dozens of cases and tasks. Pure. */

import type { JournalEntry } from "../api/contract";

/** Kinds that come by the dozen. */
const BULK = ["case.", "task.", "delivery."];
/** A run shorter than this is read entry by entry. */
const LEAST = 4;

export interface Group {
  /** The newest entry; for a single entry the only one. */
  first: JournalEntry;
  entries: JournalEntry[];
  /** How many of each kind, in order of first appearance; empty for a single entry. */
  counts: [kind: string, n: number][];
}

function alike(a: JournalEntry, b: JournalEntry): boolean {
  const bulk = (entry: JournalEntry) => BULK.some((prefix) => entry.kind.startsWith(prefix));
  return bulk(a) && bulk(b) && a.actor === b.actor && a.valid_at === b.valid_at;
}

/** Entries, newest first, with long runs by one actor at one moment put together. */
export function grouped(entries: readonly JournalEntry[]): Group[] {
  const groups: Group[] = [];
  let i = 0;
  while (i < entries.length) {
    const first = entries[i]!;
    let end = i + 1;
    while (end < entries.length && alike(first, entries[end]!)) end++;
    const run = entries.slice(i, end);
    if (run.length < LEAST) {
      for (const entry of run) groups.push({ first: entry, entries: [entry], counts: [] });
    } else {
      const counts = new Map<string, number>();
      for (const { kind } of run) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      groups.push({ first, entries: run, counts: [...counts] });
    }
    i = end;
  }
  return groups;
}
