/** Which part of the command board is shown, if it is open at all. */

import { signal } from "@preact/signals";
import type { AtWork } from "../api/command";
import { live, may, resource } from "../state";

export type Part = "checklist" | "orders" | "posts" | "handover" | "drill";

export const part = signal<Part | null>(null);
export const atWork = resource<AtWork[]>("/command/accounts");

/** The parts that this account has here. */
export function parts(): Part[] {
  const found: Part[] = ["checklist", "orders", "posts"];
  if (may("journal")) found.push("handover");
  if (live.drill.value.value) found.push("drill");
  return found;
}

/** Orders that nobody has answered in time. */
export function lateOrders(): number {
  const orders = live.command.value.value?.orders ?? [];
  return orders.filter((order) => order.state === "given" && order.late).length;
}
