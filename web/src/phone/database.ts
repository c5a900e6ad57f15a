/** The phone's own database: what waits to be sent, what was last known, and whose it is. */

export type StoreName = "outbox" | "known" | "person";

const VERSION = 2;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("anlan", VERSION);
    request.onupgradeneeded = () => {
      const held = request.result.objectStoreNames;
      // an update of the page adds stores and never empties one: the outbox outlives it
      if (!held.contains("outbox")) request.result.createObjectStore("outbox", { keyPath: "key" });
      if (!held.contains("known")) request.result.createObjectStore("known", { keyPath: "id" });
      if (!held.contains("person")) request.result.createObjectStore("person", { keyPath: "id" });
    };
    request.onsuccess = () => {
      // a newer page that wants to change the stores must not wait for this one
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

export async function run<T>(
  name: StoreName,
  mode: IDBTransactionMode,
  job: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      // strict and complete: on disk, not only taken note of, before the page says that it is kept
      const transaction = database.transaction(name, mode, { durability: mode === "readwrite" ? "strict" : "default" });
      const request = job(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export function all<T>(name: StoreName): Promise<T[]> {
  return run<T[]>(name, "readonly", (store) => store.getAll() as IDBRequest<T[]>);
}

export async function one<T>(name: StoreName, key: string): Promise<T | null> {
  return (await run<T | undefined>(name, "readonly", (store) => store.get(key) as IDBRequest<T | undefined>)) ?? null;
}

export async function put(name: StoreName, value: unknown): Promise<void> {
  await run(name, "readwrite", (store) => store.put(value));
}

export async function remove(name: StoreName, key: string): Promise<void> {
  await run(name, "readwrite", (store) => store.delete(key));
}
