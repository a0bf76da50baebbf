/** The F-N plane: logarithmic axes, both criterion lines with their zones, and curves. */

import "uplot/dist/uPlot.min.css";

import uPlot from "uplot";
import type { FnRow } from "./answers";
import { raised, scientific } from "./numbers";
import { say } from "./words";

export interface Curve {
  label: string;
  points: { N: number; F: number }[];
  width: number;
  dash: number[];
  colour?: string;
}

/** Draw curves over the criterion lines of `rows` in an element of the page, until `alive` aborts. */
export function fnChart(shown: HTMLElement, rows: FnRow[], curves: Curve[], alive: AbortSignal): void {
  const chart = new uPlot(options(shown.clientWidth || 380, rows, curves), columns(rows, curves), shown);
  const sizes = new ResizeObserver(() => chart.setSize({ width: shown.clientWidth, height: height(shown.clientWidth) }));
  sizes.observe(shown);
  alive.addEventListener("abort", () => (sizes.disconnect(), chart.destroy()));
}

function height(width: number): number {
  return Math.min(Math.max(0.85 * width, 280), 520);
}

function columns(rows: FnRow[], curves: Curve[]): uPlot.AlignedData {
  const positive = (value: number) => (value > 0 ? value : null);
  const lines = ["upper", "lower"] as const;
  return uPlot.join([
    ...curves.map((curve): uPlot.AlignedData => [curve.points.map((point) => point.N), curve.points.map((point) => positive(point.F))]),
    [rows.map((row) => row.N), ...lines.map((line) => rows.map((row) => positive(row[line])))],
  ]);
}

function wholeDecade(value: number): boolean {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-6;
}

/** Whole decades around the values. */
function decades(values: number[]): [number, number] {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  return [10 ** Math.floor(Math.min(...logs)), 10 ** Math.ceil(Math.max(...logs) + 1e-9)];
}

function options(width: number, rows: FnRow[], curves: Curve[]): uPlot.Options {
  const points = curves.flatMap((curve) => curve.points);
  const [low, high] = decades([...points.map((point) => point.F), ...rows.flatMap((row) => [row.upper, row.lower])]);
  const floor = Math.max(low, 1e-10);
  const filter = (_: uPlot, splits: number[]) => splits.map((split) => (wholeDecade(split) ? split : null));
  const text = { font: "12px sans-serif", stroke: "#16242c", filter, grid: { stroke: "rgba(60,80,90,0.18)", width: 1, filter }, ticks: { stroke: "#8a99a1", width: 1, filter } };
  const values = (_: uPlot, splits: (number | null)[]) => splits.map((split) => (split === null ? "" : `10${raised(Math.round(Math.log10(split)))}`));
  const number = (_: uPlot, value: number | null) => (value === null ? "–" : scientific(value));
  return {
    width,
    height: height(width),
    scales: { x: { time: false, distr: 3, range: decades(points.map((point) => point.N)) }, y: { distr: 3, range: [floor, high] } },
    axes: [
      { ...text, label: say("fn_deaths"), values },
      { ...text, label: say("fn_frequency"), values, size: 58 },
    ],
    series: [
      { label: "N", value: number },
      ...curves.map(({ label, width: line, dash, colour }) => ({ label, stroke: colour ?? "#0d47a1", width: line, dash, value: number, points: { show: false } })),
      { label: say("fn_upper"), stroke: "#b3261e", width: 2, value: number, points: { show: false } },
      { label: say("fn_lower"), stroke: "#2e7d32", width: 2, dash: [8, 4], value: number, points: { show: false } },
    ],
    hooks: { drawClear: [(chart) => paint(chart, rows)] },
  };
}

/** Colour the zones: above the upper line, between the lines, below the lower line. */
function paint(chart: uPlot, rows: FnRow[]): void {
  const { ctx, bbox } = chart;
  const lines = (["upper", "lower"] as const).map((name) =>
    rows.filter((row) => row[name] > 0).map((row) => [chart.valToPos(row.N, "x", true), chart.valToPos(row[name], "y", true)] as const),
  );
  const fillTo = (line: (readonly [number, number])[], edge: number, colour: string) => {
    const first = line[0];
    const last = line.at(-1);
    if (!first || !last) return;
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.moveTo(first[0], edge);
    for (const [x, y] of line) ctx.lineTo(x, y);
    ctx.lineTo(last[0], edge);
    ctx.fill();
  };
  const [upper = [], lower = []] = lines;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  fillTo(upper, bbox.top + bbox.height, "#fff3d6");
  fillTo(lower, bbox.top + bbox.height, "#e3f3e4");
  fillTo(upper, bbox.top, "#fbe1df");
  ctx.restore();
}
