import { describe, expect, it } from "vitest";
import type { Task } from "../src/api/contract";
import { board, dueOf } from "../src/panels/board";

function task(id: string, state: string, more: Partial<Task> = {}): Task {
  return {
    id,
    state,
    opened_at: "2021-07-25T00:00:00Z",
    ack_due_at: "2021-07-25T00:15:00Z",
    due_at: "2021-07-25T04:00:00Z",
    done_at: null,
    escalation: 0,
    ...more,
  } as Task;
}

describe("the task board", () => {
  it("puts every state of a task into one of four columns", () => {
    const columns = board([
      task("a", "delivered"),
      task("b", "declined"),
      task("c", "acknowledged"),
      task("d", "en_route"),
      task("e", "done"),
      task("f", "expired"),
    ]);
    const ids = Object.fromEntries(Object.entries(columns).map(([name, list]) => [name, list.map((one) => one.id)]));
    expect(ids).toEqual({ waiting: ["a", "b"], accepted: ["c"], working: ["d"], done: ["e", "f"] });
  });

  it("asks for an answer first and for completion after it", () => {
    expect(dueOf(task("a", "delivered"))).toBe("2021-07-25T00:15:00Z");
    expect(dueOf(task("a", "on_site"))).toBe("2021-07-25T04:00:00Z");
    expect(dueOf(task("a", "done"))).toBeNull();
  });

  it("shows what has escalated first, then what is due soonest", () => {
    const { waiting } = board([
      task("late", "assigned", { ack_due_at: "2021-07-25T09:00:00Z" }),
      task("soon", "assigned", { ack_due_at: "2021-07-25T01:00:00Z" }),
      task("climbed", "assigned", { escalation: 2, ack_due_at: "2021-07-25T10:00:00Z" }),
    ]);
    expect(waiting.map((one) => one.id)).toEqual(["climbed", "soon", "late"]);
  });
});
