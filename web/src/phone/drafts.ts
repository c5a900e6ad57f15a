/** What somebody is typing, kept on the phone until it was sent: a session may end, a battery too.
 *
 * It is told only to whom wrote it, stays while that person is signed out by the service, and goes
 * when they sign out themselves, when it was sent, and after two weeks.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { session } from "../state";
import { all, one, put, remove } from "./database";
import { LONGEST_MS } from "./known";

interface Draft {
  id: string;
  at: number;
  value: unknown;
}

const PREFIX = "draft ";

/** Whom this page belongs to, as the service said last. */
function account(): string | null {
  return session.value.peek()?.account?.id ?? null;
}

/** Each account and place has its own; stands in a store that keeps other things of the person too. */
function idOf(owner: string, place: string): string {
  return `${PREFIX}${owner} ${place}`;
}

/** As `useState`, and there again after the page was closed; `begun`: start with this instead. */
export function useDraft<T>(place: string, initial: T, begun?: T): [T, (value: T) => void] {
  const [value, show] = useState<T>(begun ?? initial);
  const touched = useRef(begun !== undefined);
  const writer = useRef<Writer | null>(null);
  useEffect(() => {
    const owner = account();
    if (!owner || touched.current) return;
    void one<Draft>("person", idOf(owner, place))
      .then((kept) => kept && !touched.current && show(kept.value as T))
      .catch(() => undefined);
  }, [place]);
  const set = (next: T) => {
    touched.current = true;
    show(next);
    const owner = account();
    if (!owner) return;
    writer.current ??= writerOf(idOf(owner, place));
    writer.current.put(next, next === initial);
  };
  return [value, set];
}

interface Writer {
  put(value: unknown, nothing: boolean): void;
}

const running = new Map<string, Promise<void>>();

/** Writes at once, the newest after the one under way: what is typed is not left to a timer. */
function writerOf(id: string): Writer {
  let next: (() => Promise<void>) | null = null;
  const go = async (): Promise<void> => {
    while (next) {
      const job = next;
      next = null;
      await job();
    }
  };
  return {
    put(value, nothing) {
      const idle = next === null;
      next = () => keep(id, value, nothing);
      if (!idle) return;
      const mine: Promise<void> = (running.get(id) ?? Promise.resolve()).then(go).finally(() => {
        if (running.get(id) === mine) running.delete(id);
      });
      running.set(id, mine);
    },
  };
}

async function keep(id: string, value: unknown, nothing: boolean): Promise<void> {
  const empty = nothing || value === "" || value === null;
  // without room, or in a private window, the page works as before
  await (empty ? remove("person", id) : put("person", { id, at: Date.now(), value } satisfies Draft)).catch(() => undefined);
}

/** Forgets what was typed at a place and below it: it was sent, or given up. */
export async function dropDrafts(place: string): Promise<void> {
  const owner = account();
  // what is being written comes first, or it would come back
  await Promise.all(running.values());
  if (owner) await dropWhere((draft) => draft.id.startsWith(idOf(owner, place)));
}

/** Forgets everything that this account was typing: it signs out. */
export async function forgetDrafts(): Promise<void> {
  const owner = account();
  if (owner) await dropWhere((draft) => draft.id.startsWith(idOf(owner, "")));
}

/** Forgets what nobody sent for two weeks, of whomever. */
export async function dropOldDrafts(): Promise<void> {
  await dropWhere((draft) => Date.now() - draft.at > LONGEST_MS);
}

async function dropWhere(gone: (draft: Draft) => boolean): Promise<void> {
  const kept = await all<Draft>("person").catch((): Draft[] => []);
  for (const each of kept) if (each.id.startsWith(PREFIX) && gone(each)) await remove("person", each.id);
}
