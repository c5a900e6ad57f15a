/** What was given while there was no network: kept on the phone, sent when there is one.
 *
 * Runs in the page and in its service worker, so it touches neither the page nor its signals.
 */

import { post, RefusalError } from "../api/http";

/** Why the service would not take a letter: a person decides what becomes of it. */
export interface Why {
  status: number;
  message: string;
  /** The same sentence in Chinese; letters refused before there was one have none. */
  zh?: string;
  remedy: string;
  field: string;
}

/** One request to make; `key` lets the service see that a repeat is a repeat. */
export interface Letter {
  key: string;
  /** The account that wrote it; it is sent as that one or not at all. Absent: older than accounts. */
  owner?: string;
  path: string;
  body: Record<string, unknown>;
  photo: Blob | null;
  /** Further photos, of a form: the names that stand for them in `body`, until they are digests. */
  files?: Record<string, Blob>;
  /** Digests of what the service has already: of `photo` under "", of `files` under their names. */
  digests?: Record<string, string>;
  /** What it says, in a few words, for who looks at the list. */
  title?: string;
  /** When it was written, by the phone's clock, ms. */
  at: number;
  /** Order of writing; the clock may be set back in between. */
  order?: number;
  refused?: Why | null;
}

export type Outcome =
  | { state: "sent" }
  | { state: "kept"; why: "network" | "signed_out" | "another" | "behind" }
  | { state: "refused"; why: Why; key: string }
  | { state: "full" };

export interface Store {
  all(): Promise<Letter[]>;
  put(letter: Letter): Promise<void>;
  remove(key: string): Promise<void>;
}

/** What a phone keeps at most; a shift of work is a few dozen, a photo about 0.4 MB. */
export const MOST_LETTERS = 200;
export const MOST_BYTES = 80_000_000;

const BUSY = [408, 425, 429];

/** Letters about one thing go one behind the other; each other letter stands for itself. */
export function about(letter: Letter): string {
  const [, kind = "", id = "", verb] = letter.path.split("/");
  return verb ? `${kind}/${id}` : letter.key;
}

export function inOrder(letters: readonly Letter[]): Letter[] {
  return [...letters].sort((a, b) => (a.order ?? 0) - (b.order ?? 0) || a.at - b.at || (a.key < b.key ? -1 : 1));
}

function weight(letters: readonly Letter[]): number {
  const files = letters.flatMap((letter) => [...(letter.photo ? [letter.photo] : []), ...Object.values(letter.files ?? {})]);
  return files.reduce((sum, file) => sum + file.size, 0);
}

/** Letters go one after another, in the order written: a task is acknowledged before it is done. */
export class Outbox {
  private running: Promise<Map<string, Outcome>> | null = null;
  private again = false;

  constructor(
    private readonly store: Store,
    private readonly owner: () => string | null,
    private readonly send: (letter: Letter) => Promise<void> = (letter) => deliver(letter, store),
    private readonly changed: () => unknown = () => undefined,
    /** Only one page or worker of this phone sends at a time. */
    private readonly alone: <T>(job: () => Promise<T>) => Promise<T> = (job) => job(),
  ) {}

  /** Keeps the letter, then tries to send all that are kept. */
  async give(
    path: string,
    body: Record<string, unknown>,
    photo: Blob | null = null,
    title = "",
    { at = Date.now(), files = {} }: { at?: number; files?: Record<string, Blob> } = {},
  ): Promise<Outcome> {
    const owner = this.owner();
    // nobody is signed in: there is nobody to send it as
    if (!owner) return { state: "refused", why: { status: 401, message: "", remedy: "", field: "session" }, key: "" };
    const letter: Letter = { key: newKey(), owner, path, body, photo, files, title, at, refused: null };
    try {
      const held = await this.store.all();
      letter.order = 1 + held.reduce((most, one) => Math.max(most, one.order ?? 0), 0);
      if (held.length >= MOST_LETTERS || weight([...held, letter]) > MOST_BYTES) return { state: "full" };
      await this.store.put(letter);
    } catch (error) {
      // the phone itself has no room left
      if (error instanceof DOMException && error.name === "QuotaExceededError") return { state: "full" };
      throw error;
    }
    const outcomes = await this.flush();
    return outcomes.get(letter.key) ?? (await this.flush()).get(letter.key) ?? { state: "kept", why: "network" };
  }

  /** Sends what is kept; what fails for want of a network stays. */
  flush(): Promise<Map<string, Outcome>> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.alone(() => this.sendAll()).finally(() => {
      this.running = null;
      this.changed();
    });
    return this.running;
  }

  /** Tries a refused letter, and those behind it, once more; `as` takes it over. */
  async retry(key: string, as?: string): Promise<void> {
    const letter = (await this.store.all()).find((one) => one.key === key);
    if (!letter) return;
    await this.store.put({ ...letter, refused: null, ...(as ? { owner: as } : {}) });
    await this.flush();
  }

  /** Lets go of letters because a person said so. */
  async drop(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.store.remove(key);
    this.changed();
  }

  private async sendAll(): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    do {
      this.again = false;
      const letters = inOrder(await this.store.all());
      const stuck = new Set<string>();
      for (const letter of letters) {
        const outcome = await this.tryToSend(letter, stuck);
        outcomes.set(letter.key, outcome);
        if (outcome.state === "sent") await this.store.remove(letter.key);
        if (outcome.state === "refused") stuck.add(about(letter));
        if (outcome.state === "kept" && ["network", "signed_out"].includes(outcome.why)) break;
      }
    } while (this.again);
    return outcomes;
  }

  private async tryToSend(letter: Letter, stuck: ReadonlySet<string>): Promise<Outcome> {
    if (letter.owner !== undefined && letter.owner !== this.owner()) return { state: "kept", why: "another" };
    if (letter.refused) return { state: "refused", why: letter.refused, key: letter.key };
    if (stuck.has(about(letter))) return { state: "kept", why: "behind" };
    try {
      if (letter.owner === undefined) throw new RefusalError("", 0, "", "owner");
      await this.send(letter);
      return { state: "sent" };
    } catch (error) {
      // no answer, or a service in trouble: try again later
      if (!(error instanceof RefusalError) || error.status >= 500 || BUSY.includes(error.status)) {
        return { state: "kept", why: "network" };
      }
      if (error.status === 401 || error.field === "session") return { state: "kept", why: "signed_out" };
      if (error.field === "X-Anlan-Account") return { state: "kept", why: "another" };
      // it will not change by repeating: a person is shown it
      const why = { status: error.status, message: error.message, zh: error.zh, remedy: error.remedy, field: error.field };
      await this.store.put({ ...letter, refused: why });
      return { state: "refused", why, key: letter.key };
    }
  }
}

/** Paths whose body takes the seconds since it was written (`age_s`). */
const AGED = /^\/(tasks\/[^/]+\/[^/]+|depth-reports|me\/volunteer)$/;
const JUST_NOW_S = 2;

export async function deliver(letter: Letter, store: Store): Promise<void> {
  const body = { ...letter.body };
  // it holds for when it was seen or done, which may be long before there is a network
  const age = Math.min(1e7, (Date.now() - letter.at) / 1000);
  if (age > JUST_NOW_S && (AGED.test(letter.path) || body["depth_class"])) body["age_s"] = age;
  const digests = { ...letter.digests };
  const photos = { ...(letter.photo ? { "": letter.photo } : {}), ...letter.files };
  for (const [name, photo] of Object.entries(photos)) {
    if (digests[name]) continue;
    const form = new FormData();
    form.append("file", photo, "photo.jpg");
    const key = name ? `${letter.key}.${name}` : letter.key;
    const { digest } = await post<{ digest: string }>("/attachments", form, key, letter.owner);
    digests[name] = digest;
    await store.put({ ...letter, digests: { ...digests } });
  }
  if (letter.photo) body["photos"] = [digests[""]];
  await post(letter.path, withDigests(body, digests), letter.key, letter.owner);
}

/** `body` with the names of photos replaced by the digests that the service gave them. */
export function withDigests(body: unknown, digests: Record<string, string>): unknown {
  if (typeof body === "string") return (body && digests[body]) || body;
  if (Array.isArray(body)) return body.map((one) => withDigests(one, digests));
  if (body === null || typeof body !== "object") return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, withDigests(value, digests)]));
}

/** One sender on this phone at a time, where the browser can see to it; the key does otherwise. */
export function alone<T>(job: () => Promise<T>): Promise<T> {
  if (!("locks" in navigator)) return job();
  return navigator.locks.request("anlan.outbox", job) as Promise<T>;
}

/** Random in every context: `crypto.randomUUID` is missing over plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
