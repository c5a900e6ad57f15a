import { describe, expect, it } from "vitest";
import { clockTime, day, fromInput, inputTime, midnights, shortTime, span, weekday } from "../src/time";
import { fromWallLabel, wall } from "../src/charts/wall";

const SHANGHAI = "Asia/Shanghai";

describe("times in the city's zone", () => {
  it("shows an instant as its wall time there, across midnight", () => {
    expect(clockTime("2021-07-25T18:05:00Z", SHANGHAI)).toBe("02:05");
    expect(shortTime("2021-07-25T18:05:00Z", SHANGHAI)).toBe("07-26 02:05");
    expect(day("2021-07-25T18:05:00Z", SHANGHAI, "zh")).toBe("7月26日");
    expect(day("2021-07-25T18:05:00Z", SHANGHAI, "en")).toBe("26 Jul");
    expect(weekday("2021-07-25T18:05:00Z", SHANGHAI, "zh")).toBe("星期一");
  });

  it("writes midnight as 00, not 24", () => {
    expect(clockTime("2021-07-25T16:00:00Z", SHANGHAI)).toBe("00:00");
  });

  it("takes a wall time back to its instant", () => {
    expect(fromInput("2021-07-26T02:05", SHANGHAI)).toBe("2021-07-25T18:05:00.000Z");
    expect(inputTime(fromInput("2021-07-26T02:05", SHANGHAI), SHANGHAI)).toBe("2021-07-26T02:05");
  });

  it("knows summer time where there is one", () => {
    expect(fromInput("2021-01-15T12:00", "Europe/Berlin")).toBe("2021-01-15T11:00:00.000Z");
    expect(fromInput("2021-07-15T12:00", "Europe/Berlin")).toBe("2021-07-15T10:00:00.000Z");
  });

  it("finds the local midnights inside an event", () => {
    expect(midnights("2021-07-24T10:00:00Z", "2021-07-26T10:00:00Z", SHANGHAI)).toEqual([
      "2021-07-24T16:00:00.000Z",
      "2021-07-25T16:00:00.000Z",
    ]);
  });
});

describe("lengths of time", () => {
  it("are told in the two largest units that matter", () => {
    expect(span(35 * 60_000, "zh")).toBe("35 分");
    expect(span(80 * 60_000, "zh")).toBe("1 时 20 分");
    expect(span(-51 * 3_600_000, "zh")).toBe("2 天 3 时");
    expect(span(120 * 60_000, "en")).toBe("2 h");
  });
});

describe("the chart's axis", () => {
  it("carries wall time as if it were UTC and names days at midnight", () => {
    expect(fromWallLabel(wall("2021-07-25T16:00:00Z", SHANGHAI))).toBe("07-26");
    expect(fromWallLabel(wall("2021-07-25T22:00:00Z", SHANGHAI))).toBe("06:00");
  });
});
