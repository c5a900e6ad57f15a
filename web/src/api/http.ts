/** Calls to the service: JSON in, JSON out, refusals as `RefusalError`. */

const ROOT = "/api/v1";

/** What the service says when it refuses: a sentence, and what would be accepted. */
export class RefusalError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly remedy: string,
    readonly field: string,
    /** The same sentence in Chinese. */
    readonly zh = "",
  ) {
    super(message);
  }
}

async function answer(response: Response): Promise<unknown> {
  if (response.ok) return response.status === 204 ? null : response.json();
  let body: { message?: string; message_zh?: string; remedy?: string; field?: string } = {};
  try {
    body = (await response.json()) as typeof body;
  } catch {
    // a proxy or a crash answers without JSON: the status line is all there is
  }
  throw new RefusalError(
    body.message ?? `${response.status} ${response.statusText}`,
    response.status,
    body.remedy ?? "",
    body.field ?? "",
    body.message_zh ?? "",
  );
}

/** `as`: the account whose answer is wanted; the service refuses when another is signed in. */
export async function get<T>(path: string, as?: string): Promise<T> {
  const headers: Record<string, string> = as ? { "X-Anlan-Account": as } : {};
  const response = await fetch(ROOT + path, { credentials: "same-origin", headers });
  return (await answer(response)) as T;
}

/** A text as it is: the document of a message. */
export async function getText(path: string): Promise<string> {
  const response = await fetch(ROOT + path, { credentials: "same-origin" });
  if (!response.ok) await answer(response);
  return response.text();
}

/** Bytes of a gridded product; the browser undoes the content encoding. */
export async function bytes(path: string, signal?: AbortSignal, as?: string): Promise<Uint8Array> {
  const headers: Record<string, string> = as ? { "X-Anlan-Account": as } : {};
  const response = await fetch(ROOT + path, { credentials: "same-origin", headers, signal: signal ?? null });
  if (!response.ok) await answer(response);
  return new Uint8Array(await response.arrayBuffer());
}

/** POST `body` as JSON, or as a form when it is one; `key` makes a repeat harmless, and `as`
 * is the account that says it: the service refuses it of another. */
export async function post<T>(path: string, body: unknown = {}, key?: string, as?: string): Promise<T> {
  const headers: Record<string, string> = { "X-Anlan": "1" };
  if (as) headers["X-Anlan-Account"] = as;
  if (key) headers["Idempotency-Key"] = key;
  const form = body instanceof FormData;
  if (!form) headers["Content-Type"] = "application/json";
  const response = await fetch(ROOT + path, {
    method: "POST",
    credentials: "same-origin",
    headers,
    body: form ? body : JSON.stringify(body),
  });
  return (await answer(response)) as T;
}

/** Ends the session at the service; then to the city's single sign-on, where that is to end too. */
export async function endSession(): Promise<() => void> {
  const { next } = await post<{ next: string | null }>("/signout");
  return () => (next ? location.assign(next) : location.reload());
}

/** Address of something the browser itself opens: a report, a photo. */
export function address(path: string): string {
  return ROOT + path;
}
