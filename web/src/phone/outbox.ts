/** What was given while there was no network: kept on the phone, sent when there is one. */

import { signal } from "@preact/signals";
import { post, RefusalError } from "../api/http";

/** One request to make; `key` lets the service see that a repeat is a repeat. */
export interface Letter {
  key: string;
  path: string;
  body: Record<string, unknown>;
  photo: Blob | null;
  /** Order of writing. */
  at: number;
}

export type Outcome = { state: "sent" } | { state: "kept" } | { state: "refused"; error: RefusalError };

export interface Store {
  all(): Promise<Letter[]>;
  put(letter: Letter): Promise<void>;
  remove(key: string): Promise<void>;
}

export const unsent = signal(0);

/** Letters go one after another, in the order written: a task is acknowledged before it is done. */
export class Outbox {
  private running: Promise<Map<string, Outcome>> | null = null;
  private again = false;

  constructor(
    private readonly store: Store,
    private readonly send: (letter: Letter) => Promise<void> = deliver,
    private readonly refused: (error: RefusalError) => void = () => undefined,
  ) {}

  /** Keeps the letter, then tries to send all that are kept. */
  async give(path: string, body: Record<string, unknown>, photo: Blob | null = null): Promise<Outcome> {
    const letter = { key: newKey(), path, body, photo, at: Date.now() };
    await this.store.put(letter);
    const outcomes = await this.flush();
    return outcomes.get(letter.key) ?? (await this.flush()).get(letter.key) ?? { state: "kept" };
  }

  /** Sends what is kept; what fails for want of a network stays. */
  flush(): Promise<Map<string, Outcome>> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.sendAll().finally(() => (this.running = null));
    return this.running;
  }

  private async sendAll(): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    do {
      this.again = false;
      for (const letter of (await this.store.all()).sort((a, b) => a.at - b.at)) {
        const outcome = await this.trySend(letter);
        outcomes.set(letter.key, outcome);
        if (outcome.state === "kept") break;
        await this.store.remove(letter.key);
      }
    } while (this.again);
    unsent.value = (await this.store.all()).length;
    return outcomes;
  }

  private async trySend(letter: Letter): Promise<Outcome> {
    try {
      await this.send(letter);
      return { state: "sent" };
    } catch (error) {
      // no answer, or a service in trouble: try again later; a refusal will not change by repeating
      if (!(error instanceof RefusalError) || error.status >= 500) return { state: "kept" };
      this.refused(error);
      return { state: "refused", error };
    }
  }
}

async function deliver(letter: Letter): Promise<void> {
  const body = { ...letter.body };
  // a depth holds for when it was seen, which may be long before there is a network
  if (body["depth_class"]) body["age_s"] = Math.max(0, (Date.now() - letter.at) / 1000);
  if (letter.photo) {
    const form = new FormData();
    form.append("file", letter.photo, "photo.jpg");
    const { digest } = await post<{ digest: string }>("/attachments", form);
    body["photos"] = [digest];
  }
  await post(letter.path, body, letter.key);
}

/** Random in every context: `crypto.randomUUID` is missing over plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
