/** Size of the type: the phone's own setting times what is chosen here. */

import { effect, signal } from "@preact/signals";

export const SIZES = ["usual", "large", "largest"] as const;
export type Size = (typeof SIZES)[number];

const STORED = "anlan.type";

function stored(): Size {
  try {
    const held = localStorage.getItem(STORED);
    return SIZES.find((size) => size === held) ?? "usual";
  } catch {
    return "usual";
  }
}

export const size = signal<Size>(stored());

effect(() => {
  document.documentElement.dataset["type"] = size.value;
  try {
    localStorage.setItem(STORED, size.value);
  } catch {
    // a private window may refuse: the size then lasts for this page only
  }
});
