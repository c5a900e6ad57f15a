/** Joining what came over the live stream with what is held. Pure. */

import type { JournalEntry } from "./api/contract";
import type { LiveName } from "./state";

/** How many journal entries the desk keeps. */
export const KEPT = 1500;

/** Entries of both lists, each sequence number once (the newer copy wins), newest first. */
export function latestFirst(
  held: readonly JournalEntry[] | null,
  came: readonly JournalEntry[],
): JournalEntry[] {
  const bySeq = new Map<number, JournalEntry>();
  for (const entry of held ?? []) bySeq.set(entry.seq, entry);
  for (const entry of came) bySeq.set(entry.seq, entry);
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, KEPT);
}

/** Where to ask for the entries between those held and those that came; null: none is missing. */
export function missing(held: readonly JournalEntry[] | null, came: readonly JournalEntry[]): string | null {
  const newest = held?.[0]?.seq;
  const oldest = came.at(-1)?.seq;
  if (newest === undefined || oldest === undefined || oldest <= newest + 1 || came.length >= KEPT) return null;
  return `/journal?limit=500&before=${oldest}`;
}

const CONCERNED: readonly [prefix: string, lists: readonly LiveName[]][] = [
  ["observe.", ["stations", "track"]],
  ["run.", ["runs", "track"]],
  ["assessment.", ["assessment", "places", "incidents"]],
  ["alert.", ["alerts"]],
  ["official.", ["official", "alerts"]],
  ["delivery.", ["alerts"]],
  ["incident.", ["incidents", "command"]],
  ["order.", ["command"]],
  ["post.", ["command"]],
  ["handover.", ["handovers", "command"]],
  ["drill.", ["drill"]],
  ["level.", ["incidents"]],
  ["report.", ["reports", "places", "assessment"]],
  ["case.", ["cases", "tasks", "incidents"]],
  ["task.", ["tasks", "cases", "incidents"]],
  ["escalation.", ["tasks", "cases"]],
  ["firm.", ["cases"]],
  ["pass.", ["cases"]],
  ["check.", ["cases"]],
  ["resource.", ["resources", "requests"]],
  ["shelter.", ["resources"]],
  ["road.", ["roadOrders"]],
];

/** The lists that a journal entry of `kind` may have changed; the journal itself always. */
export function concernedBy(kind: string): LiveName[] {
  const lists: LiveName[] = ["journal"];
  for (const [prefix, names] of CONCERNED) if (kind.startsWith(prefix)) lists.push(...names);
  return lists;
}
