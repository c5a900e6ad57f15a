/** Holds a fan chart in the page; the chart library is loaded when the first one is shown. */

import type { ECharts } from "echarts/core";
import { useEffect, useRef } from "preact/hooks";
import type { FanPicture } from "./fan";

export function FanChart({ picture, label }: { picture: FanPicture; label: string }) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const wanted = useRef(picture);
  wanted.current = picture;

  useEffect(() => {
    let gone = false;
    let observer: ResizeObserver | null = null;
    void import("./fan").then(({ create, draw }) => {
      if (gone || !element.current) return;
      const made = create(element.current);
      chart.current = made;
      draw(made, wanted.current);
      observer = new ResizeObserver(() => made.resize());
      observer.observe(element.current);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const made = chart.current;
    if (made) void import("./fan").then(({ draw }) => !made.isDisposed() && draw(made, picture));
  }, [picture]);

  return <div ref={element} class="chart" role="img" aria-label={label} data-testid="chart" />;
}
