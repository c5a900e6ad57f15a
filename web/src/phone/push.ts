/** Notices to this browser: whether they are on, asking for them, ending them. */

import { signal } from "@preact/signals";
import { get, post } from "../api/http";

/** off: can be asked for; refused: the person said no to the browser; never: not on this desk or
 * browser; failed: the browser's push service is out of reach. */
export type Push = "asking" | "on" | "off" | "refused" | "never" | "failed";
export const push = signal<Push>("asking");

interface Known {
  key: string;
  mark: string;
}

async function registration(): Promise<ServiceWorkerRegistration | null> {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return null;
  return (await navigator.serviceWorker.getRegistration("/phone.html")) ?? null;
}

/** Looks whether the desk sends this very browser what concerns the person signed in. */
export async function lookAtPush(): Promise<void> {
  try {
    const worker = await registration();
    const known = await get<Known>("/me/push");
    if (!worker || !known.key) push.value = "never";
    else if (Notification.permission === "denied") push.value = "refused";
    else {
      const mine = await worker.pushManager.getSubscription();
      push.value = mine && known.mark === (await markOf(mine.endpoint)) ? "on" : "off";
    }
  } catch {
    push.value = "never"; // without a signal nothing can be changed
  }
}

/** Asks the person by the browser's own question; called by a button alone. */
export async function askForPush(): Promise<void> {
  const worker = await registration();
  if (!worker) return;
  if ((await Notification.requestPermission()) !== "granted") {
    push.value = "refused";
    return;
  }
  try {
    const { key } = await get<Known>("/me/push");
    // of another desk, or of a key that was replaced: the browser takes one at a time
    await (await worker.pushManager.getSubscription())?.unsubscribe();
    const given = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const { endpoint, keys } = given.toJSON();
    await post("/me/push", { endpoint, keys });
    push.value = "on";
  } catch {
    push.value = "failed";
  }
}

export async function endPush(): Promise<void> {
  await post("/me/push/end");
  await dropPush();
  push.value = "off";
}

/** Whoever holds the phone next gets nothing of the last one's: the push service knows us no more. */
export async function dropPush(): Promise<void> {
  const worker = await registration().catch(() => null);
  await (await worker?.pushManager.getSubscription())?.unsubscribe();
}

/** As the desk says which browser it knows: SHA-256 of the endpoint, hex. */
async function markOf(endpoint: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(digest)].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}
