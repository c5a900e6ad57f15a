/** Threshold lines of a station: words and colours. */

import type { Threshold } from "../api/contract";
import { word } from "../i18n";

const COLOUR: Record<string, string> = {
  blue: "#4c9bff",
  yellow: "#ffd23f",
  orange: "#ff8c2e",
  red: "#ff4d4f",
};

/** Warning 警戒 and guarantee 保证 levels, as the service names them, as the map colours them. */
const OF_NAME: Record<string, string> = { 警戒: "yellow", 保证: "red" };

export function lines(
  thresholds: readonly Threshold[],
): { name: string; value: number; colour: string }[] {
  return thresholds.map(({ name, value, colour }) => ({
    name: word("threshold", name),
    value,
    colour: COLOUR[colour ?? OF_NAME[name] ?? ""] ?? "#c9d6da",
  }));
}
