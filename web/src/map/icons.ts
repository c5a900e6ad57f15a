/** Marks of the map, drawn here: no sprite to load, and they follow the desk's colours. */

import type { Map as MapView } from "maplibre-gl";

const SCALE = 3;

/** Colours of a station by its state; yellow and red are the warning and guarantee levels. */
export const STATE_COLOUR: Record<string, string> = {
  normal: "#d7e6e8",
  warning: "#ffd23f",
  guarantee: "#ff4d4f",
  stale: "#62757d",
  none: "#62757d",
};

const GLYPH: Record<string, string> = {
  rain: "M12 5c3 4 4.500 6.200 4.500 8.500a4.500 4.500 0 0 1-9 0C7.500 11.200 9 9 12 5z",
  flow: "M2 9c2-2 4-2 6 0s4 2 6 0 4-2 6 0M2 15c2-2 4-2 6 0s4 2 6 0 4-2 6 0",
  river_level: "M8 5v14M8 7h5M8 10.500h3M8 14h5M8 17.500h3M14.500 19h3",
  tide: "M5 10c2.300-2.500 4.700-2.500 7 0s4.700 2.500 7 0M5 15c2.300-2.500 4.700-2.500 7 0s4.700 2.500 7 0",
  displacement: "M6 6v12M18 6v12M9 12h6M12.500 9.500l2.500 2.500-2.500 2.500",
  settlement: "M5 7h14M12 7v9M9 13.500l3 3 3-3M7 19h10",
  pore_pressure: "M12 5v7M9 9.500l3 3 3-3M5 16c2-1.500 4-1.500 6 0s4 1.500 6 0M5 19c2-1.500 4-1.500 6 0s4 1.500 6 0",
  wind: "M5 9h8.500a2.300 2.300 0 1 0-2.300-2.300M5 12.500h12M5 16h7.500a2.300 2.300 0 1 1-2.300 2.300",
};

function canvas(size: number): CanvasRenderingContext2D {
  const element = document.createElement("canvas");
  element.width = element.height = size * SCALE;
  const context = element.getContext("2d")!;
  context.scale(SCALE, SCALE);
  return context;
}

function add(map: MapView, name: string, context: CanvasRenderingContext2D): void {
  const { width, height } = context.canvas;
  const image = context.getImageData(0, 0, width, height);
  if (!map.hasImage(name)) map.addImage(name, image, { pixelRatio: SCALE });
}

function station(quantity: string, colour: string): CanvasRenderingContext2D {
  const c = canvas(24);
  c.fillStyle = "#0a1317";
  c.strokeStyle = colour;
  c.lineWidth = 1.6;
  c.beginPath();
  c.roundRect(1.2, 1.2, 21.6, 21.6, 5);
  c.fill();
  c.stroke();
  const path = new Path2D(GLYPH[quantity] ?? "M12 7v10M7 12h10");
  c.lineWidth = 1.8;
  c.lineCap = c.lineJoin = "round";
  if (quantity === "rain") {
    c.fillStyle = colour;
    c.fill(path);
  } else {
    c.stroke(path);
  }
  return c;
}

/** A small plate with one character: 泵, 闸, 避, 队. */
function plate(character: string, colour: string): CanvasRenderingContext2D {
  const c = canvas(18);
  c.fillStyle = "#13232a";
  c.strokeStyle = colour;
  c.lineWidth = 1;
  c.beginPath();
  c.roundRect(0.8, 0.8, 16.4, 16.4, 3);
  c.fill();
  c.stroke();
  c.fillStyle = colour;
  c.font = "600 11px 'Noto Sans SC Variable','Noto Sans CJK SC','Microsoft YaHei',sans-serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(character, 9, 9.6);
  return c;
}

/** A drop pin with the depth as people say it: round where gauges are square. */
export const REPORT_MARK: Record<string, [character: string, colour: string]> = {
  ankle: ["踝", "#ffe08a"],
  knee: ["膝", "#ffb86b"],
  waist: ["腰", "#ff8a5c"],
  chest: ["胸", "#ff6a6a"],
  over: ["没", "#e85ad0"],
};

function report(character: string, colour: string): CanvasRenderingContext2D {
  const c = canvas(26);
  c.fillStyle = "#1d1420";
  c.strokeStyle = colour;
  c.lineWidth = 1.8;
  c.beginPath();
  c.arc(13, 11, 9, Math.PI * 0.8, Math.PI * 0.2);
  c.lineTo(13, 25);
  c.closePath();
  c.fill();
  c.stroke();
  c.fillStyle = colour;
  c.font = "600 11px 'Noto Sans SC Variable','Noto Sans CJK SC','Microsoft YaHei',sans-serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(character, 13, 11.4);
  return c;
}

/** The typhoon sign: a ring with two arms, turning as in the northern hemisphere. */
function storm(): CanvasRenderingContext2D {
  const c = canvas(40);
  c.translate(20, 20);
  c.strokeStyle = "#ffffff";
  c.fillStyle = "#0a1317";
  c.lineWidth = 3.4;
  c.lineCap = "round";
  c.beginPath();
  c.arc(0, 0, 7.5, 0, Math.PI * 2);
  c.fill();
  c.stroke();
  for (const turn of [0, Math.PI]) {
    c.save();
    c.rotate(turn);
    c.beginPath();
    c.moveTo(7.4, 0);
    c.bezierCurveTo(9, -8, 4, -14, -4, -16);
    c.stroke();
    c.restore();
  }
  return c;
}

export function addIcons(map: MapView): void {
  for (const quantity of Object.keys(GLYPH)) {
    for (const [state, colour] of Object.entries(STATE_COLOUR)) {
      add(map, `station-${quantity}-${state}`, station(quantity, colour));
    }
  }
  for (const [name, [character, colour]] of Object.entries(REPORT_MARK)) {
    add(map, `report-${name}`, report(character, colour));
  }
  add(map, "work-pump", plate("泵", "#8fb4b8"));
  add(map, "work-flap_gate", plate("闸", "#8fb4b8"));
  add(map, "work-shelter", plate("避", "#a9e5c0"));
  add(map, "work-team", plate("队", "#e6eef0"));
  add(map, "storm", storm());
}
