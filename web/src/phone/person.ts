/** Who holds the phone: the service says so; without a signal, who held it last. */

import { signal } from "@preact/signals";
import type { ClockBody, Session } from "../api/contract";
import { endSession, post } from "../api/http";
import { clock, session } from "../state";
import { one, put, remove } from "./database";
import { dropOldDrafts, forgetDrafts } from "./drafts";
import { belongTo, forget, LONGEST_MS, onTurnedAway } from "./known";
import { onward, type Beat } from "./onward";
import { dropPush } from "./push";

interface Person {
  id: "now";
  session: Session;
  at: number;
}

/** Somebody who signed out without a signal: the service is told as soon as there is one. */
interface Leaving {
  id: "leaving";
  session: Session;
}

/** Whether the page stands on what was kept: the service has not answered since it was opened. */
export const fromMemory = signal(false);

export function account(): string | null {
  return session.value.peek()?.account?.id ?? null;
}

/** Asks the service who is signed in; without an answer the last one known holds. */
export async function whoIsIt(): Promise<Session | null> {
  await session.refresh();
  const leaving = await one<Leaving>("person", "leaving").catch(() => null);
  let said = session.failed.peek() ? null : session.value.peek();
  if (said && leaving) {
    // without an answer to this nothing of theirs is shown
    if (said.account?.id === leaving.session.account?.id) {
      const ended = await post("/signout").then(() => true, () => false);
      if (ended) await session.refresh();
      said = ended && !session.failed.peek() ? session.value.peek() : null;
    }
    if (said) await remove("person", "leaving");
  }
  if (said) {
    fromMemory.value = false;
    await takeNote(said);
    return said;
  }
  if (leaving) {
    fromMemory.value = true;
    session.value.value = { ...leaving.session, account: null, rights: [] };
    return session.value.peek();
  }
  const kept = await one<Person>("person", "now").catch(() => null);
  if (!kept || Date.now() - kept.at > LONGEST_MS) return null;
  fromMemory.value = true;
  session.value.value = kept.session;
  const beat = await one<Beat>("person", "clock");
  if (beat) clock.value = { ...beat.clock, now: onward(beat, Date.now()) };
  if (kept.session.account) await belongTo(kept.session.account.id);
  return kept.session;
}

async function takeNote(said: Session): Promise<void> {
  // without a database (a private window) the page works while it is open
  try {
    if (!said.account) {
      await forget();
      await remove("person", "now");
      return;
    }
    await belongTo(said.account.id);
    await dropOldDrafts();
    const kept: Person = { id: "now", session: said, at: Date.now() };
    await put("person", kept);
  } catch (error) {
    console.warn("nothing can be kept on this phone", error);
  }
}

export function keepTime(heard: ClockBody): void {
  const beat: Beat = { id: "clock", clock: heard, at: Date.now() };
  void put("person", beat).catch(() => undefined);
}

/** Ends the session and clears the phone of what it kept for this person; `letters` go too. */
export async function signOut(letters: readonly string[]): Promise<void> {
  const leaving = session.value.peek();
  await dropPush().catch(() => undefined);
  const leave = await endSession().catch(() => null);
  try {
    if (!leave && leaving) await put("person", { id: "leaving", session: leaving } satisfies Leaving);
    for (const key of letters) await remove("outbox", key);
    await forget();
    await forgetDrafts();
    await remove("person", "now");
    await remove("person", "clock");
  } finally {
    history.replaceState(null, "", "/phone.html");
    if (leave) leave();
    else location.reload();
  }
}

/** Somebody else signed in on this phone, or nobody is any more: begin anew. */
onTurnedAway(() => location.reload());
