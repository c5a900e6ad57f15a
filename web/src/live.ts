/** The live stream: the clock, and word of what changed. */

import { signal } from "@preact/signals";
import type { ClockBody, LiveEntry } from "./api/contract";
import { address } from "./api/http";
import { clock } from "./state";

export const connected = signal(true);

const AGAIN_AFTER = 3000;

/** What a page does when it hears that something changed. */
export interface Listener {
  /** An entry of this kind was written to the journal. */
  changed(kind: string): void;
  /** Anything may have changed: the line was down. */
  resumed(): void;
  /** Everything is different: another replay has begun. */
  restarted(): void;
}

/** Opens the stream; the browser reconnects by itself and sends the last id that it saw. */
export function listen(listener: Listener): void {
  const source = new EventSource(address("/live"));
  let wasDown = false;
  source.addEventListener("open", () => {
    connected.value = true;
    if (wasDown) listener.resumed();
    wasDown = false;
  });
  source.addEventListener("error", () => {
    connected.value = false;
    wasDown = true;
    // a refused stream is closed for good by the browser: ask again
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(listener), AGAIN_AFTER);
  });
  source.addEventListener("clock", (event) => {
    clock.value = JSON.parse((event as MessageEvent<string>).data) as ClockBody;
  });
  source.addEventListener("journal", (event) => {
    listener.changed((JSON.parse((event as MessageEvent<string>).data) as LiveEntry).kind);
  });
  source.addEventListener("reload", () => listener.restarted());
  // the session ended meanwhile: the page that comes says how to sign in
  source.addEventListener("signed-out", () => location.reload());
}

/** Calls `job` soon, however often it is asked to in between: once per `pause` ms at most. */
export function throttled(job: () => unknown, pause: number): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      job();
    }, pause);
  };
}
