/** What the phone page knows, and the one way by which it says something. */

import { computed, effect, signal } from "@preact/signals";
import type { Drill, Order } from "../api/command";
import type { CaseItem, ClockBody, Message, PlaceProperties, Task, TerritoryProperties } from "../api/contract";
import type { Pack } from "../api/packs";
import { t } from "../i18n";
import { connected, listen, throttled } from "../live";
import { clock } from "../state";
import { done, refused, refusedNotice } from "../ui/toast";
import { known, unreached } from "./known";
import { alone, inOrder, Outbox, type Letter } from "./outbox";
import { kept } from "./outbox-store";
import { onward } from "./onward";
import { account, fromMemory, keepTime } from "./person";
import { syncLater } from "./worker";

/** Whether there is no way to the service now. */
export const noSignal = computed(() => !connected.value || unreached.value);

type Collection<P> = GeoJSON.FeatureCollection<GeoJSON.Geometry, P>;

export const messages = known<Message[]>("/me/messages");
export const tasks = known<Task[]>("/tasks?mine=true");
export const reports = known<CaseItem[]>("/cases?mine=true");
export const orders = known<Order[]>("/me/orders");
/** Read in a drill alone: see `drill.tsx`. */
export const drill = known<Drill>("/drill");
export const places = known<GeoJSON.FeatureCollection<GeoJSON.Point, PlaceProperties>>("/places");
export const territory = known<Collection<TerritoryProperties>>("/territory");

export const packs = known<Pack[]>("/packs");

/** This person's letters that the service has not taken, in the order written. */
export const letters = signal<Letter[]>([]);
/** How many letters of other people wait on this phone until they sign in again. */
export const ofOthers = signal(0);

const UNFIT = [400, 413, 422];
const RETRY_EVERY = 15_000;
/** Pages and worker of one phone tell each other that letters came or went. */
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("anlan.outbox") : null;

export async function look(): Promise<void> {
  const all = await kept.all().catch((): Letter[] => []);
  const mine = all.filter((letter) => letter.owner === undefined || letter.owner === account());
  letters.value = inOrder(mine);
  ofOthers.value = all.length - mine.length;
}

function changed(): void {
  void look();
  channel?.postMessage("changed");
}

export const outbox = new Outbox(kept, account, undefined, changed, alone);

export function refresh(): Promise<unknown> {
  const inDrill = clock.peek()?.replay?.world === "drill";
  return Promise.all([messages, tasks, reports, orders, ...(inDrill ? [drill] : [])].map((one) => one.refresh()));
}

/** Says something to the service now, or later when there is a network; false when refused.
 *
 * `title` names it for the list of what waits, in the person's own language; `files` are photos
 * whose names stand in `body` where their digests belong.
 */
export async function say(
  path: string,
  body: Record<string, unknown> = {},
  photo: Blob | null = null,
  title = "",
  files: Record<string, Blob> = {},
): Promise<boolean> {
  const outcome = await outbox.give(path, body, photo, title, { files });
  if (outcome.state === "refused") {
    const { status, message } = outcome.why;
    if (message) refusedNotice(outcome.why);
    else refused(t("phone.refused", { n: 1 }));
    // what does not fit is put right where it was written, which still is open; what came too late
    // is kept until the person has decided
    if (UNFIT.includes(status)) await outbox.drop([outcome.key]);
  }
  await look();
  if (outcome.state === "sent") done(t("phone.sent"));
  if (outcome.state === "kept") done(t("phone.queued"));
  if (outcome.state === "full") refused(t("phone.full"), t("phone.full.remedy"));
  if (outcome.state === "kept") void syncLater();
  await refresh();
  return outcome.state === "sent" || outcome.state === "kept";
}

async function flush(): Promise<void> {
  const before = letters.peek().length;
  await outbox.flush();
  await look();
  if (before > letters.peek().length) await refresh();
}

export function keepInStep(): void {
  const soon = throttled(refresh, 800);
  const back = throttled(() => Promise.all([flush(), refresh()]), 200);
  listen({ changed: soon, resumed: back, restarted: soon });
  addEventListener("online", back);
  addEventListener("offline", () => (unreached.value = true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && back());
  channel?.addEventListener("message", () => void look().then(refresh));
  void look().then(flush);
  effect(() => {
    const waiting = letters.value.some((letter) => !letter.refused);
    if (!waiting && !unreached.value) return;
    const timer = setInterval(() => void (waiting ? flush() : refresh()), RETRY_EVERY);
    return () => clearInterval(timer);
  });
  goOnTelling();
}

const TELL_EVERY = 15_000;

/** Without a line the desk's time is told on by the phone's own clock. */
function goOnTelling(): void {
  let last: { clock: ClockBody; at: number } | null = clock.peek() && { clock: clock.peek()!, at: Date.now() };
  let kept = 0;
  effect(() => {
    if (!clock.value || fromMemory.value || !connected.value) return;
    last = { clock: clock.value, at: Date.now() };
    if (last.at - kept < TELL_EVERY) return;
    kept = last.at;
    keepTime(last.clock);
  });
  setInterval(() => {
    if (!last || !noSignal.peek()) return;
    clock.value = { ...last.clock, now: onward(last, Date.now()) };
  }, TELL_EVERY);
}
