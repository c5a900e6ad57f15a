/** The one-byte code of depth frames and the colours of water and of probability.
 *
 * No ramp uses a hue of the four warning levels: blue, yellow, orange and red mean
 * warnings on this desk and nothing else.
 */

/** Depth in m of code `q`: 0 is dry, 1…255 run from 0.01 m to 5 m, finer where shallow. */
export function depthOfCode(q: number): number {
  if (q <= 0) return 0;
  const share = (Math.min(q, 255) - 1) / 254;
  return 0.01 + 4.99 * share * share;
}

/** Probability of code `q` (0…200), or null outside the model (255). */
export function probabilityOfCode(q: number): number | null {
  return q > 200 ? null : q / 200;
}

export type Stop = { at: number; colour: [number, number, number, number] };

/** Water depth in m: dark teal to pale mint, lilac from a metre up. */
export const DEPTH_RAMP: readonly Stop[] = [
  { at: 0.03, colour: [22, 92, 96, 0.35] },
  { at: 0.15, colour: [24, 128, 124, 0.72] },
  { at: 0.3, colour: [42, 176, 160, 0.82] },
  { at: 0.5, colour: [118, 222, 198, 0.88] },
  { at: 1.0, colour: [222, 250, 240, 0.92] },
  { at: 2.0, colour: [196, 170, 255, 0.94] },
  { at: 4.0, colour: [150, 96, 230, 0.95] },
];

/** Probability 0…1: from nothing over violet to near white. */
export const PROBABILITY_RAMP: readonly Stop[] = [
  { at: 0.02, colour: [74, 56, 120, 0] },
  { at: 0.1, colour: [84, 62, 140, 0.55] },
  { at: 0.3, colour: [122, 88, 190, 0.72] },
  { at: 0.6, colour: [184, 138, 240, 0.85] },
  { at: 0.9, colour: [244, 224, 255, 0.95] },
];

/** Rain of an hour in mm: greens that water does not have, rose from a cloudburst on. */
export const RAIN_RAMP: readonly Stop[] = [
  { at: 0.1, colour: [58, 82, 52, 0.35] },
  { at: 2, colour: [72, 122, 58, 0.65] },
  { at: 8, colour: [112, 172, 72, 0.75] },
  { at: 20, colour: [178, 222, 122, 0.85] },
  { at: 40, colour: [246, 222, 240, 0.9] },
  { at: 70, colour: [232, 132, 204, 0.92] },
  { at: 100, colour: [184, 58, 160, 0.95] },
];

/** Colour of `value` on a ramp: straight between stops, the end stops beyond them. */
export function onRamp(ramp: readonly Stop[], value: number): [number, number, number, number] {
  const first = ramp[0]!;
  if (value <= first.at) return first.colour;
  for (let i = 1; i < ramp.length; i++) {
    const [low, high] = [ramp[i - 1]!, ramp[i]!];
    if (value > high.at) continue;
    const f = (value - low.at) / (high.at - low.at);
    return low.colour.map((c, k) => c + f * (high.colour[k]! - c)) as Stop["colour"];
  }
  return ramp[ramp.length - 1]!.colour;
}

/** A ramp as 256 premultiplied RGBA texels over 0…`top`, for a lookup texture. */
export function rampTexels(ramp: readonly Stop[], top: number): Uint8Array {
  const texels = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) {
    const value = (i / 255) * top;
    const [r, g, b, a] = value < ramp[0]!.at ? [0, 0, 0, 0] : onRamp(ramp, value);
    texels.set([r * a, g * a, b * a, a * 255].map(Math.round), i * 4);
  }
  return texels;
}

export function css([r, g, b, a]: readonly [number, number, number, number]): string {
  return `rgba(${Math.round(r)},${Math.round(g)},${Math.round(b)},${a})`;
}
