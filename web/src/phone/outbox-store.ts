/** Where letters wait: the browser's database, photos and all. */

import type { Letter, Store } from "./outbox";

const NAME = "outbox";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("anlan", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<T>(mode: IDBTransactionMode, job: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(NAME, mode);
      const request = job(transaction.objectStore(NAME));
      // complete, not success: the letter must be on disk before the page says that it is kept
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const kept: Store = {
  all: () => run<Letter[]>("readonly", (store) => store.getAll() as IDBRequest<Letter[]>),
  put: async (letter) => void (await run("readwrite", (store) => store.put(letter))),
  remove: async (key) => void (await run("readwrite", (store) => store.delete(key))),
};
