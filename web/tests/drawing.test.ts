import { describe, expect, it } from "vitest";
import type { LonLat } from "../src/api/contract";
import * as d from "../src/map/drawing";

const CORNERS: LonLat[] = [[121, 30.6], [121.1, 30.6], [121.1, 30.7], [121, 30.7]];
const square = () => d.close(CORNERS.reduce(d.put, d.begin(d.EMPTY)));

describe("drawing an area", () => {
  it("closes a ring of three corners or more, and no other", () => {
    const two = d.put(d.put(d.begin(d.EMPTY), CORNERS[0]!), CORNERS[1]!);
    expect(d.close(two)).toBe(two);
    expect(square().now.rings).toEqual([CORNERS]);
  });

  it("says the area as GeoJSON whose rings end where they began", () => {
    expect(d.areaOf(square().now)).toEqual({ type: "Polygon", coordinates: [[...CORNERS, CORNERS[0]]] });
    expect(d.areaOf(d.EMPTY)).toBeNull();
  });

  it("comes back from the service as it was sent, one part or several", () => {
    const other = d.close(CORNERS.map(([x, y]): LonLat => [x + 1, y]).reduce(d.put, square()));
    for (const sketch of [square().now, other.now]) expect(d.sketchOf(d.areaOf(sketch))).toEqual(sketch);
  });

  it("takes every step back and forth again", () => {
    const steps = [square()];
    steps.push(d.move(steps.at(-1)!, { ring: 0, at: 1 }, [121.2, 30.6]));
    steps.push(d.insert(steps.at(-1)!, { ring: 0, at: 3 }, [120.9, 30.65]));
    steps.push(d.remove(d.choose(steps.at(-1)!, { ring: 0, at: 0 })));
    steps.push(d.clear(steps.at(-1)!));
    let now = steps.at(-1)!;
    for (const before of steps.slice(0, -1).reverse()) expect((now = d.undo(now)).now).toEqual(before.now);
    for (const after of steps.slice(1)) expect((now = d.redo(now)).now).toEqual(after.now);
  });

  it("takes back a whole drag in one step", () => {
    const begun = d.move(square(), { ring: 0, at: 0 }, [120.9, 30.6]);
    const moved = d.move(d.move(begun, { ring: 0, at: 0 }, [120.8, 30.6], true), { ring: 0, at: 0 }, [120.7, 30.6], true);
    expect(d.undo(moved).now).toEqual(square().now);
  });

  it("takes away the last corner under way, a chosen corner, and a ring of three", () => {
    expect(d.remove(d.put(d.begin(d.EMPTY), CORNERS[0]!)).now).toEqual(d.EMPTY);
    const three = d.remove(d.choose(square(), { ring: 0, at: 2 }));
    expect(three.now.rings[0]).toHaveLength(3);
    expect(d.remove(d.choose(three, { ring: 0, at: 0 })).now).toEqual(d.EMPTY);
  });

  it("goes round all corners by keyboard", () => {
    let now = square();
    const seen = CORNERS.map(() => (now = d.chooseNext(now, 1)).chosen!.at);
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(d.chooseNext(now, 1).chosen!.at).toBe(0);
    expect(d.chooseNext(square(), -1).chosen!.at).toBe(3);
  });
});
