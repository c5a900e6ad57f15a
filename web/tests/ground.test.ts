import { describe, expect, it } from "vitest";
import type { LonLat } from "../src/api/contract";
import { depthOfCode } from "../src/depth";
import { byDistance, cellOf, deepestFrom, depthAt, direction, indexAt, metres, placesLeft, type Shelter, type Water } from "../src/phone/ground";

const HOUR = 3_600_000;
const START = Date.parse("2021-07-25T17:00:00Z");
const water: Water = {
  run: "R1",
  issued: "2021-07-25T16:00:00Z",
  frames: [0, 1, 2].map((hour) => new Date(START + hour * HOUR).toISOString()),
  grid: { corners: [[121, 30.5], [121.2, 30.5], [121.2, 30.7], [121, 30.7]] as [LonLat, LonLat, LonLat, LonLat], nx: 2, ny: 2 },
};
// row 0 is north: NW, NE, SW, SE; the south-west fills up
const bytes = Uint8Array.from([0, 0, 10, 0, 0, 0, 120, 0, 0, 0, 60, 0]);
const southWest: LonLat = [121.05, 30.55];

describe("water at a spot", () => {
  it("is that of the cell which holds it, north at the top", () => {
    expect(cellOf(water.grid, southWest)).toEqual([0, 1]);
    expect(cellOf(water.grid, [121.15, 30.69])).toEqual([1, 0]);
    expect(depthAt(water, bytes, 1, southWest)).toBe(depthOfCode(120));
    expect(depthAt(water, bytes, 1, [121.15, 30.69])).toBe(0);
  });

  it("is unknown outside the grid and outside the run, never dry", () => {
    expect(depthAt(water, bytes, 0, [120, 30])).toBeNull();
    expect(depthAt(water, bytes.subarray(0, 7), 1, southWest)).toBeNull();
    expect(indexAt(water, START - 1)).toBeNull();
    expect(indexAt(water, START + 3 * HOUR + 1)).toBeNull();
  });

  it("holds from one hour to the next", () => {
    expect([0, HOUR - 1, HOUR, 2.9 * HOUR].map((later) => indexAt(water, START + later))).toEqual([0, 0, 1, 2]);
  });

  it("is told with when it is deepest from now on", () => {
    expect(deepestFrom(water, bytes, START, southWest)).toEqual({ depth: depthOfCode(120), time: water.frames[1] });
    expect(deepestFrom(water, bytes, START + 2 * HOUR, southWest)?.depth).toBe(depthOfCode(60));
    expect(deepestFrom(water, bytes, START + 9 * HOUR, southWest)).toBeNull();
  });
});

describe("the way to a shelter", () => {
  const shelter = (id: string, lon: number, taken: number | null): Shelter => ({ id, name: id, lon, lat: 30.7, capacity: 100, taken, open: id !== "closed", synthetic: true });
  const me: LonLat = [121, 30.7];

  it("is measured over the ground", () => {
    // a minute of latitude is a nautical mile
    expect(metres([121, 30], [121, 30 + 1 / 60])).toBeCloseTo(1853, -1);
    expect(direction(me, [121.1, 30.7])).toBe("e");
    expect(direction(me, [120.95, 30.65])).toBe("sw");
    expect(direction(me, [121, 31])).toBe("n");
  });

  it("leads to the nearest that is open, has room and stands dry; the others come last", () => {
    const sorted = byDistance([shelter("far", 121.3, 0), shelter("full", 121.01, 100), shelter("wet", 121.02, 0), shelter("closed", 121.03, 0), shelter("near", 121.1, null)], me, (one) => one.id === "wet");
    expect(sorted.map((one) => one.shelter.id)).toEqual(["near", "far", "full", "wet", "closed"]);
  });

  it("says that places are unknown while nobody counts, and never less than none", () => {
    expect([null, 30, 130].map((taken) => placesLeft(shelter("x", 121, taken)))).toEqual([null, 70, 0]);
  });
});
