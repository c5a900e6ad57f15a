/** How a task will stand once what waits on the phone has been sent: the work goes on meanwhile. */

import type { Task } from "../api/contract";
import course from "./course.json";
import type { Letter } from "./outbox";

export interface Foreseen extends Task {
  /** Whether part of it is the phone's own expectation, not the service's word. */
  waiting: boolean;
}

type Command = keyof typeof course;

export function foreseen(task: Task, letters: readonly Letter[]): Foreseen {
  const mine = letters.filter((letter) => letter.path.startsWith(`/tasks/${task.id}/`));
  // what was refused, and what stands behind it, waits for a person and moves nothing
  if (mine.some((letter) => letter.refused)) return { ...task, waiting: true, allowed: [] };
  const last = mine.map((letter) => letter.path.split("/")[3]).filter((name): name is Command => !!name && name in course).at(-1);
  if (!last) return { ...task, waiting: mine.length > 0 };
  return { ...task, ...course[last], waiting: true };
}
