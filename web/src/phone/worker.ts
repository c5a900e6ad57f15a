/** The page's side of its service worker: opening without a signal, sending when closed, updates. */

import { signal } from "@preact/signals";

/** Set when a newer version of the page is here and waits to take over. */
export const newer = signal<ServiceWorker | null>(null);
/** Whether the page opens without a signal; null while that is not known. */
export const opensOffline = signal<boolean | null>(null);

interface Syncing extends ServiceWorkerRegistration {
  sync?: { register(tag: string): Promise<void> };
}

export async function installWorker(): Promise<void> {
  // plain HTTP on another machine has no workers: the page then needs a signal to open
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) {
    opensOffline.value = false;
    return;
  }
  try {
    const registration = await navigator.serviceWorker.register("/phone-worker.js", { scope: "/phone.html" });
    watch(registration);
    await navigator.serviceWorker.ready;
    keepWhatWasLoaded(registration);
    opensOffline.value = true;
  } catch {
    // a browser set to keep nothing refuses
    opensOffline.value = false;
  }
}

function watch(registration: ServiceWorkerRegistration): void {
  const offer = (worker: ServiceWorker | null) => {
    if (worker?.state === "installed" && navigator.serviceWorker.controller) newer.value = worker;
  };
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => offer(coming));
  });
  // a page left open for days on a shift asks by itself
  setInterval(() => void registration.update().catch(() => undefined), 3_600_000);
}

/** Slices of the typeface are fetched as they are needed; those of this visit are kept for the next. */
function keepWhatWasLoaded(registration: ServiceWorkerRegistration): void {
  const tell = () => {
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    registration.active?.postMessage({ type: "keep", urls: loaded.filter((url) => new URL(url).pathname.startsWith("/assets/")) });
  };
  tell();
  setTimeout(tell, 10_000);
}

/** Lets the newer version take over; what waits to be sent stays in the phone's database. */
export function takeOver(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  newer.peek()?.postMessage({ type: "take-over" });
}

/** Asks the browser to send what waits when there is a signal, even if the page is closed then. */
export async function syncLater(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = (await navigator.serviceWorker.getRegistration("/phone.html")) as Syncing | undefined;
  await registration?.sync?.register("outbox").catch(() => undefined);
}
