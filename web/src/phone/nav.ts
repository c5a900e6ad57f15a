/** Which page of the phone is open: kept in the address, so that "back" goes back. */

import { signal } from "@preact/signals";

/** Name of the open page, and what follows it in the address (`#volunteer/W3`: "W3"). */
export const here = signal(read());

function read(): { page: string; rest: string } {
  const [page = "", ...rest] = (globalThis.location?.hash ?? "").slice(1).split("/");
  return { page, rest: rest.join("/") };
}

export function go(page: string, rest = ""): void {
  location.hash = rest ? `${page}/${rest}` : page;
  here.value = read();
}

/** The first page of somebody who has not chosen one; leaves no step behind in the history. */
export function startAt(page: string): void {
  if (here.peek().page) return;
  history.replaceState(null, "", `#${page}`);
  here.value = read();
}

globalThis.addEventListener?.("hashchange", () => (here.value = read()));
