/** The phone page's service worker: opens the page without a signal, sends what waits, and
 * shows the notices that the desk pushes.
 *
 * It keeps the page's own files alone. Answers of the service, which are somebody's, it never
 * touches: those the page keeps in its database, by account.
 */

import { get } from "../api/http";
import type { Session } from "../api/contract";
import { alone, Outbox } from "./outbox";
import { kept } from "./outbox-store";

/** Put in by the build: a digest of the page's files, and their addresses. */
declare const VERSION: string;
declare const FILES: readonly string[];

interface Extendable extends Event {
  waitUntil(job: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope extends EventTarget {
  readonly location: Location;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(wanted: { type: "window" }): Promise<readonly Window[]>;
    openWindow(address: string): Promise<unknown>;
  };
  readonly registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
}

interface Window {
  readonly url: string;
  focus(): Promise<unknown>;
}

const worker = self as unknown as Scope;
const PAGE = "/phone.html";
const SHELL = `phone-${VERSION}`;
/** Files that are not on the list (slices of the typeface); their names change with what they hold. */
const LOADED = "phone-loaded";
const MOST_LOADED = 160;

worker.addEventListener("install", (event) => {
  (event as Extendable).waitUntil(
    caches.open(SHELL).then((cache) => cache.addAll([PAGE, ...FILES].map((url) => new Request(url, { cache: "reload" })))),
  );
});

worker.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("phone-") && name !== SHELL && name !== LOADED) await caches.delete(name);
    }
    await worker.clients.claim();
  };
  (event as Extendable).waitUntil(tidy());
});

worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = fetching(event);
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) respondWith(fromCache(PAGE, request));
  else if (url.pathname.startsWith("/assets/") || FILES.includes(url.pathname)) respondWith(fromCache(url.pathname, request));
});

function fetching(event: Event): { request: Request; respondWith: (answer: Promise<Response>) => void } {
  const coming = event as Fetching;
  return { request: coming.request, respondWith: (answer) => coming.respondWith(answer) };
}

async function fromCache(address: string, request: Request): Promise<Response> {
  const held = (await (await caches.open(SHELL)).match(address)) ?? (await (await caches.open(LOADED)).match(address));
  if (held) return held;
  const came = await fetch(request);
  if (came.ok && address.startsWith("/assets/")) await keep(address, came.clone());
  return came;
}

async function keep(address: string, response: Response): Promise<void> {
  const cache = await caches.open(LOADED);
  const held = await cache.keys();
  // the oldest go first
  for (const old of held.slice(0, Math.max(0, held.length - MOST_LOADED))) await cache.delete(old);
  await cache.put(address, response);
}

worker.addEventListener("message", (event) => {
  const message = (event as MessageEvent<{ type?: string; urls?: string[] }>).data;
  if (message.type === "take-over") void worker.skipWaiting();
  if (message.type === "keep") (event as unknown as Extendable).waitUntil(keepAll(message.urls ?? []));
});

async function keepAll(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    const { origin, pathname } = new URL(url);
    if (origin !== worker.location.origin || !pathname.startsWith("/assets/") || FILES.includes(pathname)) continue;
    if (await caches.match(pathname)) continue;
    const came = await fetch(pathname).catch(() => null);
    if (came?.ok) await keep(pathname, came);
  }
}

/** The browser says that there is a signal: what waits goes, as whoever is signed in now. */
worker.addEventListener("sync", (event) => {
  if ((event as Event & { tag: string }).tag === "outbox") (event as Extendable).waitUntil(sendWhatWaits());
});

async function sendWhatWaits(): Promise<void> {
  const { account } = await get<Session>("/session");
  if (!account) return;
  const channel = new BroadcastChannel("anlan.outbox");
  const outbox = new Outbox(kept, () => account.id, undefined, () => channel.postMessage("changed"), alone);
  const outcomes = await outbox.flush();
  channel.close();
  // a rejection makes the browser try again later
  if ([...outcomes.values()].some((one) => one.state === "kept" && one.why === "network")) {
    throw new Error("there was no signal after all");
  }
}

interface Notice {
  delivery: string;
  title: string;
  body: string;
}

/** A warning from the desk, decrypted by the browser. Whatever comes must be shown: browsers ask it. */
worker.addEventListener("push", (event) => {
  const { data } = event as Event & { data: { json(): unknown } | null };
  let notice: Partial<Notice> = {};
  try {
    notice = (data?.json() ?? {}) as Partial<Notice>;
  } catch {
    // not of this desk's making; a bare line says that something came
  }
  const { title = "", body = "" } = notice;
  const shown = worker.registration.showNotification(title || "安澜 Anlan", {
    // the first line stands in the title already
    body: body.startsWith(`${title}\n`) ? body.slice(title.length + 1) : body,
    icon: "/favicon.svg",
    // a repeat of a message takes the place of the first
    tag: notice.delivery ?? "",
    requireInteraction: true,
  });
  (event as Extendable).waitUntil(shown);
});

worker.addEventListener("notificationclick", (event) => {
  const { notification } = event as Event & { notification: Notification };
  notification.close();
  (event as Extendable).waitUntil(openPage());
});

async function openPage(): Promise<void> {
  const open = (await worker.clients.matchAll({ type: "window" })).find((one) => new URL(one.url).pathname === PAGE);
  await (open ? open.focus() : worker.clients.openWindow(PAGE));
}
