/** What the phone page knows, and the one way by which it says something. */

import { effect } from "@preact/signals";
import type { CaseItem, Message, PlaceProperties, Task } from "../api/contract";
import { t } from "../i18n";
import { listen, throttled } from "../live";
import { resource } from "../state";
import { done, refusedNotice } from "../ui/toast";
import { Outbox, unsent } from "./outbox";
import { kept } from "./outbox-store";

export const messages = resource<Message[]>("/me/messages");
export const tasks = resource<Task[]>("/tasks?mine=true");
export const reports = resource<CaseItem[]>("/cases?mine=true");
export const places = resource<GeoJSON.FeatureCollection<GeoJSON.Point, PlaceProperties>>("/places");

const RETRY_EVERY = 15_000;
const outbox = new Outbox(kept, undefined, (error) => refusedNotice(error));

export function refresh(): Promise<unknown> {
  return Promise.all([messages.refresh(), tasks.refresh(), reports.refresh()]);
}

/** Says something to the service now, or later when there is a network; false when refused. */
export async function say(
  path: string,
  body: Record<string, unknown> = {},
  photo: Blob | null = null,
): Promise<boolean> {
  const outcome = await outbox.give(path, body, photo);
  if (outcome.state === "sent") done(t("phone.sent"));
  if (outcome.state === "kept") done(t("phone.queued"));
  await refresh();
  return outcome.state !== "refused";
}

async function flush(): Promise<void> {
  const before = unsent.peek();
  await outbox.flush();
  if (before > unsent.peek()) await refresh();
}

export function keepInStep(): void {
  const soon = throttled(refresh, 800);
  listen({ changed: soon, resumed: soon, restarted: soon });
  addEventListener("online", () => void flush());
  void flush();
  effect(() => {
    if (!unsent.value) return;
    const timer = setInterval(() => void flush(), RETRY_EVERY);
    return () => clearInterval(timer);
  });
}
