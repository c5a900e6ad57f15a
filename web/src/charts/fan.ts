/** The chart both panels share: observed line, ensemble fan, thresholds, the moment now. */

import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { fromWallLabel, wall } from "./wall";

use([LineChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

type Values = readonly (number | null)[];

export interface FanPicture {
  zone: string;
  unit: string;
  digits: number;
  observed: { name: string; points: readonly [string, number | null][]; bars: boolean } | null;
  fan: {
    name: string;
    times: readonly string[];
    bands: { name: string; low: Values; high: Values; opacity: number }[];
    middle: Values;
  } | null;
  thresholds: { name: string; value: number; colour: string }[];
  now: { name: string; at: string };
  from: string;
  to: string;
}

const INK = { text: "#e8f0f2", soft: "#90a5ad", line: "#24363e", fan: "#6fe0cd", seen: "#ffffff" };
const FONT = "'Noto Sans SC Variable','Noto Sans CJK SC','Microsoft YaHei',sans-serif";

export function create(element: HTMLElement): ECharts {
  return init(element, null, { renderer: "canvas" });
}

/** Font size that follows the page's, so that a wall screen is read from afar. */
function size(): number {
  return Math.max(11, parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.78);
}

export function draw(chart: ECharts, picture: FanPicture): void {
  const at = (iso: string) => wall(iso, picture.zone);
  const line = { type: "line" as const, symbol: "none", animation: false };
  const series: object[] = [];
  for (const [i, band] of (picture.fan?.bands ?? []).entries()) {
    const times = picture.fan!.times;
    // a band is drawn as its lower edge, unseen, with its width stacked on top
    series.push(
      {
        ...line,
        stack: `band${i}`,
        stackStrategy: "all",
        lineStyle: { opacity: 0 },
        silent: true,
        tooltip: { show: false },
        data: times.map((time, k) => [at(time), band.low[k]]),
      },
      {
        ...line,
        stack: `band${i}`,
        stackStrategy: "all",
        lineStyle: { opacity: 0 },
        areaStyle: { color: INK.fan, opacity: band.opacity },
        silent: true,
        tooltip: { show: false },
        data: times.map((time, k) => [at(time), width(band.low[k], band.high[k])]),
      },
    );
  }
  if (picture.fan) {
    series.push({
      ...line,
      name: picture.fan.name,
      color: INK.fan,
      lineStyle: { width: 2, color: INK.fan },
      data: picture.fan.times.map((time, k) => [at(time), picture.fan!.middle[k]]),
    });
  }
  const observed = picture.observed;
  if (observed) {
    series.push({
      ...line,
      name: observed.name,
      color: INK.seen,
      step: observed.bars ? "start" : undefined,
      areaStyle: observed.bars ? { color: INK.seen, opacity: 0.25 } : undefined,
      lineStyle: { width: observed.bars ? 1 : 2, color: INK.seen },
      data: observed.points.map(([time, value]) => [at(time), value]),
    });
  }
  series.push(marks(picture, at));
  const font = size();
  chart.setOption(
    {
      useUTC: true,
      textStyle: { fontFamily: FONT, fontSize: font, color: INK.soft },
      grid: { left: 4, right: 14, top: 26, bottom: 4, outerBoundsMode: "same" },
      tooltip: {
        trigger: "axis",
        backgroundColor: "#0b161b",
        borderColor: INK.line,
        textStyle: { color: INK.text, fontSize: font },
        axisPointer: { lineStyle: { color: INK.soft }, label: { show: false } },
        valueFormatter: (value: unknown) =>
          typeof value === "number" ? `${value.toFixed(picture.digits)} ${picture.unit}` : "—",
      },
      xAxis: {
        type: "time",
        min: at(picture.from),
        max: at(picture.to),
        axisLine: { lineStyle: { color: INK.line } },
        axisLabel: { color: INK.soft, fontSize: font, hideOverlap: true, formatter: fromWallLabel },
        splitLine: { show: false },
      },
      yAxis: {
        type: "value",
        scale: !observed?.bars,
        // room above the highest line for its name
        max: (extent: { min: number; max: number }) =>
          Number((extent.max + 0.12 * Math.max(extent.max - Math.min(extent.min, 0), 0.1)).toPrecision(3)),
        axisLabel: { color: INK.soft, fontSize: font, showMaxLabel: false },
        splitLine: { lineStyle: { color: INK.line } },
      },
      series,
    },
    { notMerge: true },
  );
}

function width(low: number | null | undefined, high: number | null | undefined): number | null {
  return typeof low === "number" && typeof high === "number" ? high - low : null;
}

/** Threshold lines, and the line of now. The carrier has a point per threshold so that the
 * axis reaches them. */
function marks(picture: FanPicture, at: (iso: string) => number): object {
  return {
    type: "line",
    symbol: "none",
    silent: true,
    animation: false,
    lineStyle: { opacity: 0 },
    tooltip: { show: false },
    data: picture.thresholds.map((threshold) => [at(picture.from), threshold.value]),
    markLine: {
      symbol: "none",
      animation: false,
      label: { color: INK.text, fontSize: size(), distance: 4 },
      data: [
        ...picture.thresholds.map((threshold) => ({
          yAxis: threshold.value,
          lineStyle: { color: threshold.colour, width: 1.5, type: "dashed" },
          label: {
            formatter: `${threshold.name} ${threshold.value.toFixed(2)}`,
            position: "insideEndTop",
            color: threshold.colour,
          },
        })),
        {
          xAxis: at(picture.now.at),
          lineStyle: { color: INK.soft, width: 1, type: "solid" },
          label: { formatter: picture.now.name, position: "end", color: INK.soft },
        },
      ],
    },
  };
}
