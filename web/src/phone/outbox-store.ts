/** Where letters wait: the browser's database, photos and all. */

import type { Letter, Store } from "./outbox";
import { all, put, remove } from "./database";

export const kept: Store = {
  all: () => all<Letter>("outbox"),
  put: (letter) => put("outbox", letter),
  remove: (key) => remove("outbox", key),
};
