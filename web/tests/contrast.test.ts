import { describe, expect, it } from "vitest";
import css from "../src/style/phone.css?raw";

/** Relative luminance of "#rrggbb" (WCAG 2.2). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

const root = css.slice(css.indexOf(":root {"), css.indexOf("}"));
const tokens = Object.fromEntries([...root.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]!]));

describe("the colours of the phone page", () => {
  it.each(["text", "soft", "muted", "accent"])("write %s legibly on every ground", (ink) => {
    for (const ground of ["ground", "panel", "raised"]) {
      // AA for text of any size; the page is read outdoors
      expect(contrast(tokens[ink]!, tokens[ground]!), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("write on the accent legibly", () => {
    expect(contrast(tokens["accent-ink"]!, tokens["accent"]!)).toBeGreaterThanOrEqual(4.5);
  });

  it("knows black on white", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  });
});
