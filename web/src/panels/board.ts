/** Columns of the task board, and the order in each. Pure. */

import type { Task } from "../api/contract";

export const COLUMNS = ["waiting", "accepted", "working", "done"] as const;
export type Column = (typeof COLUMNS)[number];

const COLUMN_OF: Record<string, Column> = {
  offered: "waiting",
  claimed: "waiting",
  assigned: "waiting",
  delivered: "waiting",
  declined: "waiting",
  acknowledged: "accepted",
  en_route: "working",
  on_site: "working",
  done: "done",
  expired: "done",
};

/** The moment a task is next due: to be answered while nobody has, then to be finished. */
export function dueOf(task: Task): string | null {
  if (task.state === "done" || task.state === "expired") return null;
  return COLUMN_OF[task.state] === "waiting" ? (task.ack_due_at ?? task.due_at) : task.due_at;
}

/** Tasks by column: escalated first, then by what is due next; finished ones newest first. */
export function board(tasks: readonly Task[]): Record<Column, Task[]> {
  const columns: Record<Column, Task[]> = { waiting: [], accepted: [], working: [], done: [] };
  for (const task of tasks) columns[COLUMN_OF[task.state] ?? "waiting"].push(task);
  const due = (task: Task) => Date.parse(dueOf(task) ?? task.due_at);
  for (const name of ["waiting", "accepted", "working"] as const) {
    columns[name].sort((a, b) => b.escalation - a.escalation || due(a) - due(b));
  }
  const end = (task: Task) => Date.parse(task.done_at ?? task.opened_at);
  columns.done.sort((a, b) => end(b) - end(a));
  return columns;
}
