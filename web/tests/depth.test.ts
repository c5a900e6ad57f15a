import { describe, expect, it } from "vitest";
import { DEPTH_RAMP, depthOfCode, onRamp, probabilityOfCode, rampTexels } from "../src/depth";

describe("the one-byte code of depth", () => {
  it("reads 0 as dry, 1 as a centimetre and 255 as five metres", () => {
    expect(depthOfCode(0)).toBe(0);
    expect(depthOfCode(1)).toBeCloseTo(0.01, 12);
    expect(depthOfCode(255)).toBeCloseTo(5, 12);
  });

  it("follows the square law in between", () => {
    // (128 - 1) / 254 is one half: 0.01 + 4.99 / 4
    expect(depthOfCode(128)).toBeCloseTo(1.2575, 12);
  });

  it("never falls as the code rises", () => {
    for (let q = 1; q <= 255; q++) expect(depthOfCode(q)).toBeGreaterThan(depthOfCode(q - 1));
  });
});

describe("the code of probability", () => {
  it("counts in half percents and marks cells outside the model", () => {
    expect(probabilityOfCode(0)).toBe(0);
    expect(probabilityOfCode(150)).toBe(0.75);
    expect(probabilityOfCode(255)).toBeNull();
  });
});

describe("a colour ramp", () => {
  it("gives a stop's own colour at the stop and the middle half way", () => {
    const ramp = [
      { at: 0, colour: [0, 0, 0, 0] as [number, number, number, number] },
      { at: 2, colour: [100, 200, 40, 1] as [number, number, number, number] },
    ];
    expect(onRamp(ramp, 2)).toEqual([100, 200, 40, 1]);
    expect(onRamp(ramp, 1)).toEqual([50, 100, 20, 0.5]);
    expect(onRamp(ramp, 9)).toEqual([100, 200, 40, 1]);
  });

  it("leaves less than the first stop clear, and premultiplies what it draws", () => {
    const texels = rampTexels(DEPTH_RAMP, 4);
    expect([...texels.slice(0, 4)]).toEqual([0, 0, 0, 0]);
    for (let i = 0; i < 256; i++) {
      const [r, g, b, a] = texels.slice(4 * i, 4 * i + 4);
      expect(Math.max(r!, g!, b!)).toBeLessThanOrEqual(a! + 1);
    }
  });
});
