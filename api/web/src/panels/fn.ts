/** Panel F-N: the curve of societal risk on logarithmic axes, with both criterion lines and their zones. */

import "uplot/dist/uPlot.min.css";

import uPlot from "uplot";
import type { FnRow } from "../answers";
import { facts, fill, h, table } from "../h";
import { raised, scientific } from "../numbers";
import type { Panel } from "../panel";
import { yearly } from "../parts";
import { named, say } from "../words";

export const panel: Panel = {
  name: "fn",
  order: 7,
  title: "fn",
  letter: "N",
  permission: "read",
  needs: "assessment",
  mount(root, app, alive) {
    const result = app.result;
    if (!result) return;
    const rows = result.fn;
    const shown = h("div", { class: "chart", role: "img", "aria-label": said(rows) });
    const worst = worstZone(rows);
    fill(
      root,
      facts([
        [say("fn_zone"), h("b", { class: `status zone-${worst}` }, named("zone", worst))],
        [say("fn_most"), Math.round(rows.at(-1)?.N ?? 0)],
        [say("pll"), yearly(result.pll)],
      ]),
      shown,
      h("p", { class: "note" }, say("fn_note")),
      samples(rows),
    );
    if (rows.length === 0) return;
    const chart = new uPlot(options(shown.clientWidth || 380, rows), columns(rows), shown);
    const sizes = new ResizeObserver(() => chart.setSize({ width: shown.clientWidth, height: height(shown.clientWidth) }));
    sizes.observe(shown);
    alive.addEventListener("abort", () => (sizes.disconnect(), chart.destroy()));
  },
};

const ZONES = ["acceptable", "alarp", "beyond", "unknown", "unacceptable"];

function worstZone(rows: FnRow[]): string {
  return rows.reduce((worst, row) => (ZONES.indexOf(row.zone) > ZONES.indexOf(worst) ? row.zone : worst), "acceptable");
}

function said(rows: FnRow[]): string {
  return say("fn_said", { zone: named("zone", worstZone(rows)), n: Math.round(rows.at(-1)?.N ?? 0) });
}

function height(width: number): number {
  return Math.min(Math.max(0.85 * width, 280), 520);
}

function columns(rows: FnRow[]): uPlot.AlignedData {
  const column = (name: "F" | "F_without_domino" | "upper" | "lower") => rows.map((row) => (row[name] > 0 ? row[name] : null));
  return [rows.map((row) => row.N), column("F"), column("F_without_domino"), column("upper"), column("lower")];
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

function options(width: number, rows: FnRow[]): uPlot.Options {
  const [low, high] = decades(rows.flatMap((row) => [row.F, row.upper, row.lower]));
  const floor = Math.max(low, 1e-10);
  const filter = (_: uPlot, splits: number[]) => splits.map((split) => (wholeDecade(split) ? split : null));
  const text = { font: "12px sans-serif", stroke: "#16242c", filter, grid: { stroke: "rgba(60,80,90,0.18)", width: 1, filter }, ticks: { stroke: "#8a99a1", width: 1, filter } };
  const values = (_: uPlot, splits: (number | null)[]) => splits.map((split) => (split === null ? "" : `10${raised(Math.round(Math.log10(split)))}`));
  const number = (_: uPlot, value: number | null) => (value === null ? "–" : scientific(value));
  return {
    width,
    height: height(width),
    scales: { x: { time: false, distr: 3, range: decades(rows.map((row) => row.N)) }, y: { distr: 3, range: [floor, high] } },
    axes: [
      { ...text, label: say("fn_deaths"), values },
      { ...text, label: say("fn_frequency"), values, size: 58 },
    ],
    series: [
      { label: "N", value: number },
      { label: say("fn_park"), stroke: "#0d47a1", width: 2.4, value: number, points: { show: false } },
      { label: say("fn_without_domino"), stroke: "#0d47a1", width: 1.4, dash: [6, 4], value: number, points: { show: false } },
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

/** The curve at 1, 2, 5, 10 ... deaths, for those who read numbers. */
function samples(rows: FnRow[]): HTMLElement {
  const wanted = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
  const found = wanted.flatMap((N) => rows.filter((row) => row.N >= N * (1 - 1e-9)).slice(0, 1).map((row) => ({ N, row })));
  const text = found.map(({ N, row }) => [N, scientific(row.F), scientific(row.lower), scientific(row.upper), named("zone", row.zone)]);
  return table(["N", `F (${say("per_year")})`, say("fn_lower"), say("fn_upper"), say("fn_zone")], text, { caption: say("fn_table"), numeric: [0, 1, 2, 3] });
}
