import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../src/api/contract";
import { concernedBy, KEPT, latestFirst, missing } from "../src/merge";
import { grouped } from "../src/panels/journal-groups";

function entry(seq: number, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    seq,
    valid_at: "2021-07-25T00:00:00Z",
    recorded_at: "2021-07-25T00:00:00Z",
    kind: "task.assigned",
    subject: `T${seq}`,
    actor: "system",
    actor_name: "系统",
    on_behalf: null,
    grounds: [],
    ...more,
  };
}

describe("merging the journal", () => {
  it("keeps each entry once, the newer copy, newest first", () => {
    const merged = latestFirst([entry(2), entry(1)], [entry(3), entry(2, { kind: "task.done" })]);
    expect(merged.map((one) => one.seq)).toEqual([3, 2, 1]);
    expect(merged[1]!.kind).toBe("task.done");
  });

  it("forgets the oldest beyond what it keeps", () => {
    const many = Array.from({ length: KEPT + 10 }, (_, i) => entry(i + 1));
    const merged = latestFirst(null, many);
    expect(merged).toHaveLength(KEPT);
    expect(merged[0]!.seq).toBe(KEPT + 10);
  });
});

describe("what a live entry concerns", () => {
  it("is the journal and the lists of its kind, and nothing else", () => {
    expect(concernedBy("alert.issued")).toEqual(["journal", "alerts"]);
    expect(concernedBy("task.done")).toEqual(["journal", "tasks", "cases", "incidents"]);
    expect(concernedBy("something.new")).toEqual(["journal"]);
  });
});

describe("grouping the log", () => {
  it("puts a long run by one actor at one moment together, with counts", () => {
    const run = [entry(6, { kind: "case.assigned" }), entry(5), entry(4), entry(3)];
    const groups = grouped([entry(7, { kind: "alert.issued" }), ...run]);
    expect(groups.map((group) => group.entries.length)).toEqual([1, 4]);
    expect(groups[1]!.counts).toEqual([["case.assigned", 1], ["task.assigned", 3]]);
  });

  it("leaves decisions of people and short runs as they are", () => {
    const groups = grouped([entry(3), entry(2), entry(1, { actor: "crew-1" })]);
    expect(groups.every((group) => group.counts.length === 0)).toBe(true);
    expect(groups).toHaveLength(3);
  });
});

it("a burst longer than a page leaves no gap in the log", () => {
  const entries = (from: number, to: number) =>
    Array.from({ length: from - to + 1 }, (_, n) => ({ seq: from - n }) as JournalEntry);
  expect(missing(entries(10, 1), entries(40, 21))).toBe("/journal?limit=500&before=21");
  expect(missing(entries(10, 1), entries(40, 11))).toBeNull();
  expect(missing(null, entries(40, 21))).toBeNull();
  expect(missing([], entries(40, 21))).toBeNull();
  // begun again: the numbers start anew
  expect(missing(entries(500, 300), entries(4, 1))).toBeNull();
});
