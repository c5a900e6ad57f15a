import { describe, expect, it } from "vitest";
import type { ClockBody, Task } from "../src/api/contract";
import { conflicts, notesOf, taskOf } from "../src/phone/conflict";
import { foreseen } from "../src/phone/foreseen";
import type { Letter } from "../src/phone/outbox";
import { languageOf, pieces, spoken } from "../src/phone/speak";
import { onward } from "../src/phone/onward";

const letter = (path: string, more: Partial<Letter> = {}): Letter => ({
  key: path + (more.at ?? 0), owner: "crew-1", path, body: {}, photo: null, at: 0, ...more,
});
const refused = { status: 409, message: "", remedy: "", field: "state" };
const task = { id: "T1", state: "assigned", allowed: ["acknowledge", "decline"] } as unknown as Task;

describe("a task on a phone without a signal", () => {
  it("goes on from what waits to be sent", () => {
    const after = foreseen(task, [letter("/tasks/T1/acknowledge"), letter("/tasks/T1/arrive", { at: 1 })]);
    expect(after.state).toBe("on_site");
    expect(after.allowed).toEqual(["complete"]);
    expect(after.waiting).toBe(true);
  });

  it("is not moved by letters about other tasks or by notes", () => {
    expect(foreseen(task, [letter("/tasks/T2/acknowledge"), letter("/tasks/T1/note")]).state).toBe("assigned");
  });

  it("offers nothing more while a person has to say what becomes of a refused letter", () => {
    const after = foreseen(task, [letter("/tasks/T1/acknowledge", { refused })]);
    expect(after.state).toBe("assigned");
    expect(after.allowed).toEqual([]);
  });
});

describe("what the service would not take", () => {
  it("is shown with what waits behind it, as one matter", () => {
    const groups = conflicts([
      letter("/tasks/T1/arrive", { refused }), letter("/tasks/T2/arrive"), letter("/tasks/T1/complete"),
    ]);
    expect(groups.map((group) => group.map((one) => one.path))).toEqual([["/tasks/T1/arrive", "/tasks/T1/complete"]]);
    expect(taskOf(groups[0]!)).toBe("T1");
  });

  it("is kept as notes with all its words and photos", () => {
    const photo = new Blob(["x"]);
    const notes = notesOf(
      [letter("/tasks/T1/arrive", { title: "到场", at: 1 }), letter("/tasks/T1/complete", { title: "完成", at: 2, body: { text: "泵已开" }, photo })],
      (at) => `t${at}`,
    );
    expect(notes).toEqual([{ text: "t2 完成：泵已开", photo, at: 2 }]);
  });

  it("is kept as a note of what was done and when, where there are no words", () => {
    const notes = notesOf([letter("/tasks/T1/depart", { title: "出发", at: 1 }), letter("/tasks/T1/arrive", { title: "到场", at: 2 })], (at) => `t${at}`);
    expect(notes).toEqual([{ text: "t1 出发；t2 到场", photo: null, at: 1 }]);
  });
});

describe("reading aloud", () => {
  it("takes the language of the words, not of the page", () => {
    expect(languageOf("Water at 0.4 m")).toBe("en-US");
    expect(languageOf("Anlan: 水深0.4m")).toBe("zh-CN");
  });

  it("says units, ranges and shares in words", () => {
    expect(spoken("水深0.3–0.6 m，雨强 45 mm/h，概率70%")).toBe("水深0.3到0.6米，雨强 45毫米每小时，概率百分之70");
    expect(spoken("0.3–0.6 m deep, wind 20 m/s")).toBe("0.3 to 0.6 metres deep, wind 20 metres a second");
  });

  it("leaves links out and breaks long texts at sentences, losing no word", () => {
    expect(spoken("转移 https://x.example/r/abc")).toBe("转移");
    const text = "水位上涨。".repeat(60) + "请转移";
    expect(pieces(text).join("")).toBe(text);
    expect(Math.max(...pieces("长".repeat(500)).map((piece) => piece.length))).toBeLessThanOrEqual(120);
  });
});

describe("the desk's time without a line", () => {
  const clock = { now: "2021-07-25T17:00:00.000Z", real: true, replay: null, problem: null } as ClockBody;
  it("goes on by the phone's clock", () => {
    expect(onward({ clock, at: 1000 }, 61_000)).toBe("2021-07-25T17:01:00.000Z");
  });

  it("goes faster in a replay, stands in a paused one, and never goes back", () => {
    const replay = { speed: 60, paused: false, finished: false } as ClockBody["replay"];
    expect(onward({ clock: { ...clock, replay }, at: 0 }, 60_000)).toBe("2021-07-25T18:00:00.000Z");
    expect(onward({ clock: { ...clock, replay: { ...replay!, paused: true } }, at: 0 }, 60_000)).toBe(clock.now);
    expect(onward({ clock, at: 5000 }, 0)).toBe(clock.now);
  });
});
