import { describe, expect, it } from "vitest";
import { destination, trackFeatures, windRing } from "../src/map/track";

describe("wind circles", () => {
  it("reach a degree of latitude per 111.2 km to the north", () => {
    const [lon, lat] = destination([121, 30], 0, 111.195);
    expect(lon).toBeCloseTo(121, 9);
    expect(lat).toBeCloseTo(31, 4);
  });

  it("have each quarter's own radius, and close", () => {
    const ring = windRing([121, 30], [100, 200, 300, 400]);
    expect(ring[0]).toEqual(ring.at(-1));
    // due north starts the north-east quarter, due west starts the north-west one
    expect(ring[0]![1]).toBeCloseTo(30 + 100 / 111.195, 3);
    const west = Math.min(...ring.map(([lon]) => lon));
    expect((121 - west) * 111.195 * Math.cos((30 * Math.PI) / 180)).toBeCloseTo(400, 0);
  });
});

describe("the track", () => {
  it("draws only what is known, and circles only where radii are given", () => {
    const features = trackFeatures(
      {
        storm: { name: "烟花", name_en: "In-Fa" },
        fixes: [
          { time: "2021-07-25T00:00:00Z", lon: 122, lat: 30, pressure_hpa: 965, wind_ms: 38, r7: [300, 300, 200, 200], r10: null, r12: null },
        ],
        forecast: null,
        agencies: [],
      },
      "In-Fa",
    );
    expect(features.map((feature) => feature.properties["kind"])).toEqual(["fix", "wind", "storm"]);
    expect(trackFeatures(null, "")).toEqual([]);
  });

  it("shows of a forecast only what is still ahead of the latest fix", () => {
    const fix = { time: "2021-07-25T06:00:00Z", lon: 122, lat: 30, pressure_hpa: 965, wind_ms: 38, r7: null, r10: null, r12: null };
    const mean: [string, number, number][] = [
      ["2021-07-25T00:00:00Z", 123, 29],
      ["2021-07-25T06:00:00Z", 122.1, 30],
      ["2021-07-25T12:00:00Z", 121, 31],
    ];
    const forecast = { issued: "2021-07-25T00:00:00Z", members: [mean.slice(0, 2)], mean };
    const lines = trackFeatures({ storm: null, fixes: [fix], forecast, agencies: [] }, "").filter((one) => one.geometry.type === "LineString");
    expect(lines.map((one) => one.properties["kind"])).toEqual(["mean"]);
    expect(lines[0]!.geometry).toEqual({ type: "LineString", coordinates: [[122.1, 30], [121, 31]] });
  });

  it("draws each agency's forecast from where the storm is, under its name", () => {
    const fix = { time: "2021-07-25T06:00:00Z", lon: 122, lat: 30, pressure_hpa: 965, wind_ms: 38, r7: null, r10: null, r12: null };
    const agencies = [{ agency: "JMA", base: fix.time, fixes: [{ ...fix, time: "2021-07-25T18:00:00Z", lon: 121, lat: 31 }] }];
    const drawn = trackFeatures({ storm: null, fixes: [fix], forecast: null, agencies }, "");
    const line = drawn.find((one) => one.properties["kind"] === "agency")!;
    expect(line.properties["agency"]).toBe("JMA");
    expect(line.geometry).toEqual({ type: "LineString", coordinates: [[122, 30], [121, 31]] });
  });
});
