/** What the service last said to this person, kept on the phone and shown with its age. */

import { signal, type Signal } from "@preact/signals";
import { get, RefusalError } from "../api/http";
import type { Iso } from "../api/contract";
import { refusalWords, t } from "../i18n";
import type { Resource } from "../state";
import { eventNow } from "../state";
import { all, one, put, remove } from "./database";

/** When an answer came: by the phone's clock (for its age) and by the desk's (for its time). */
export interface AsOf {
  at: number;
  event: Iso;
}

export interface Known<T> extends Resource<T> {
  /** When `value` came; null until it first did. */
  readonly asOf: Signal<AsOf | null>;
}

/** As long as a session of the service lasts; what is older is shown to nobody. */
export const LONGEST_MS = 14 * 86_400_000;

interface Kept {
  id: string;
  owner: string;
  path: string;
  /** Absent beside the water's frames, which their run dates. */
  asOf?: AsOf;
  value: unknown;
}

interface Entry {
  path: string;
  fill(value: unknown, asOf: AsOf): void;
  empty(): void;
}

/** Whose answers these are; nothing is kept or shown for nobody. */
let owner: string | null = null;
const entries: Entry[] = [];
/** Whether the service could not be reached when it was last asked; a stream may take long to notice. */
export const unreached = signal(false);
let turnedAway: () => unknown = () => undefined;

/** An answer of the service for this person, there without a signal too. Keep it under 1 MB. */
export function known<T>(path: string): Known<T> {
  const value = signal<T | null>(null);
  const failed = signal<string | null>(null);
  const absent = signal(false);
  const asOf = signal<AsOf | null>(null);
  let running: Promise<void> | null = null;
  let again = false;

  async function load(): Promise<void> {
    const asked = owner;
    if (!asked) return;
    try {
      const came = await get<T>(path, asked);
      unreached.value = false;
      if (owner !== asked) return;
      value.value = came;
      failed.value = null;
      absent.value = false;
      asOf.value = { at: Date.now(), event: new Date(eventNow()).toISOString() };
      const kept: Kept = { id: `${asked} ${path}`, owner: asked, path, asOf: asOf.value, value: came };
      // a phone without room shows what it has now and keeps the older answer
      await put("known", kept).catch(() => undefined);
    } catch (error) {
      unreached.value = !(error instanceof RefusalError);
      absent.value = error instanceof RefusalError && error.status === 404;
      if (!(error instanceof RefusalError)) failed.value = t("offline");
      else if (error.status === 401 || error.field === "X-Anlan-Account") turnedAway();
      else failed.value = error.status === 404 ? null : refusalWords(error);
    }
  }

  const entry: Entry = {
    path,
    fill(held, when) {
      if (value.peek() !== null) return;
      value.value = held as T;
      asOf.value = when;
    },
    empty() {
      value.value = null;
      asOf.value = null;
      failed.value = null;
      absent.value = false;
    },
  };
  entries.push(entry);
  // made after the person was known: what is kept of it comes now
  if (owner) void recall(entry, owner);

  return {
    value,
    failed,
    absent,
    asOf,
    refresh() {
      if (running) {
        again = true;
        return running;
      }
      running = load().finally(() => {
        running = null;
        if (!again) return;
        again = false;
        void this.refresh();
      });
      return running;
    },
  };
}

async function recall(entry: Entry, whose: string): Promise<void> {
  const kept = await one<Kept>("known", `${whose} ${entry.path}`).catch(() => null);
  if (kept?.asOf && owner === whose) entry.fill(kept.value, kept.asOf);
}

const made = new Map<string, Known<unknown>>();

/** As `known`, the same one for the same path: for answers that are many, such as each case. */
export function knownOf<T>(path: string): Known<T> {
  const held = made.get(path) ?? known<unknown>(path);
  made.set(path, held);
  return held as Known<T>;
}

/** Shows this person's kept answers; those of anybody else leave the phone. */
export async function belongTo(account: string): Promise<void> {
  if (owner !== account) for (const entry of entries) entry.empty();
  owner = account;
  for (const kept of await all<Kept>("known")) {
    const old = kept.asOf !== undefined && Date.now() - kept.asOf.at > LONGEST_MS;
    if (kept.owner !== account || old) await remove("known", kept.id);
    else if (kept.asOf) entries.find((entry) => entry.path === kept.path)?.fill(kept.value, kept.asOf);
  }
}

/** Forgets all that was kept, of whomever. */
export async function forget(): Promise<void> {
  owner = null;
  for (const entry of entries) entry.empty();
  for (const kept of await all<Kept>("known")) await remove("known", kept.id);
}

/** What to do when the service says that somebody else, or nobody, is signed in now. */
export function onTurnedAway(job: () => unknown): void {
  turnedAway = job;
}
