/** The answer of a what-if: before and after, in words, numbers, curves and contours. */

import type { FeatureCollection } from "geojson";
import type { FeatureLike } from "ol/Feature";
import { Fill, Stroke, Style } from "ol/style";
import type { App } from "../app";
import { fnChart } from "../fn_chart";
import { type Child, fill, h, table } from "../h";
import { contourColour } from "../map/colours";
import { featuresOf } from "../map/layers";
import { overlay, standBack } from "../map/overlay";
import { faded } from "../map/styles";
import { plain, scientific } from "../numbers";
import type { BothCurves, Compared } from "../questions";
import { named, say, told } from "../words";
import type { Draft } from "./draft";

const MOST = 10;

type Figure = Compared["figures"][number];

/** Show the answer in `root`, and its contours on the map. */
export function showResult(root: HTMLElement, app: App, draft: Draft, alive: AbortSignal): void {
  const found = draft.compared;
  if (!found) return fill(root);
  const chart = h("div", { class: "chart", role: "img", "aria-label": say("whatif_fn") });
  fill(
    root,
    h("h3", { tabindex: -1, id: "whatif-result" }, say("whatif_result")),
    h("p", { class: "verdict-words", role: "status" }, sentence(found)),
    h("p", { class: "note" }, say("seconds", { n: draft.seconds.toFixed(1) })),
    notes(found),
    figures(found),
    h("p", { class: "note" }, say("whatif_contours")),
    h("h3", {}, say("whatif_fn")),
    chart,
    targets(found),
    units(found),
  );
  void curves(app, found, chart, alive).catch((error: unknown) => app.fail(error));
  void contours(app, found, alive).catch((error: unknown) => app.fail(error));
}

function value(figure: Figure, side: "before" | "after"): string {
  const found = figure[side];
  if (found === null) return say("unknown");
  if (typeof found === "string") return figure.figure === "fn_zone" ? named("zone", found) : found;
  return Math.abs(found) < 0.01 && found !== 0 ? scientific(found, 3) : plain(found);
}

function signed(difference: number | null): string {
  if (difference === null) return "";
  if (difference === 0) return "0";
  const text = Math.abs(difference) < 0.01 ? scientific(Math.abs(difference), 3) : plain(Math.abs(difference));
  return `${difference > 0 ? "+" : "−"}${text}`;
}

/** The difference in a sentence: deaths, grade, the target that changes most. */
function sentence(found: Compared): string {
  const of = (name: string) => found.figures.find((each) => each.figure === name);
  const [pll, grade] = [of("pll"), of("grade")];
  const target = found.targets.find((each) => each.difference !== null && each.difference !== 0);
  const parts = [];
  if (pll && typeof pll.before === "number" && typeof pll.after === "number") {
    const change = pll.after === pll.before ? say("same") : say(pll.after > pll.before ? "rises" : "falls", { n: pll.before ? `${Math.abs((100 * (pll.after - pll.before)) / pll.before).toFixed(1)} %` : "" });
    parts.push(say("said_pll", { before: value(pll, "before"), after: value(pll, "after"), change }));
  }
  if (grade) parts.push(grade.before === grade.after ? say("said_grade_same", { grade: value(grade, "after") }) : say("said_grade", { before: value(grade, "before"), after: value(grade, "after") }));
  parts.push(target ? say("said_target", { name: target.name, difference: signed(target.difference) }) : say("said_targets_same"));
  return parts.join(" ");
}

function notes(found: Compared): Child {
  return found.notes.length ? h("ul", { class: "warn plain" }, found.notes.map((each) => h("li", {}, told(each, "message")))) : null;
}

const columns = () => [say("before"), say("after"), say("difference")];

function figures(found: Compared): HTMLElement {
  const rows = found.figures.map((each) => {
    const difference = signed(each.difference);
    return [told(each, "label"), value(each, "before"), value(each, "after"), each.difference ? h("b", { class: "changed" }, difference) : difference];
  });
  return table([say("figure"), ...columns()], rows, { caption: say("whatif_figures"), numeric: [1, 2, 3] });
}

const yearly = (each: number | null) => (each === null ? say("none") : scientific(each, 3));

function targets(found: Compared): HTMLElement {
  const rows = found.targets.slice(0, MOST).map((each) => {
    const status = each.status_before === each.status_after ? named("status", each.status_after) : `${named("status", each.status_before)} → ${named("status", each.status_after)}`;
    return [[each.name, h("p", { class: "note" }, status)], yearly(each.before), yearly(each.after), signed(each.difference)];
  });
  return table([say("find_targets"), ...columns()], rows, { caption: say("whatif_targets"), numeric: [1, 2, 3] });
}

function units(found: Compared): HTMLElement {
  const rows = found.units.slice(0, MOST).map((each) => [[h("b", {}, each.unit_id), ` ${each.name}`, each.change ? h("p", { class: "note" }, named("change", each.change)) : null], yearly(each.before), yearly(each.after), signed(each.difference)]);
  return table([say("unit"), ...columns()], rows, { caption: say("whatif_units"), numeric: [1, 2, 3] });
}

async function curves(app: App, found: Compared, chart: HTMLElement, alive: AbortSignal): Promise<void> {
  const both = await app.client.get<BothCurves>(`/v1/runs/${found.id}/files/fn.json`, alive);
  const longer = both.before.length > both.after.length ? both.before : both.after;
  if (longer.length === 0 || alive.aborted) return;
  fnChart(
    chart,
    longer,
    [
      { label: say("before"), points: both.before, width: 2, dash: [6, 4], colour: "#455a64" },
      { label: say("after"), points: both.after, width: 2.6, dash: [], colour: "#6a1b9a" },
    ],
    alive,
  );
}

async function contours(app: App, found: Compared, alive: AbortSignal): Promise<void> {
  const read = (side: string) => app.client.get<FeatureCollection>(`/v1/runs/${found.id}/files/contours_${side}.geojson`, alive);
  const [before, after] = await Promise.all([read("before"), read("after")]);
  if (alive.aborted) return;
  standBack(app.view, alive, 0);
  overlay(app.view, alive, styleOf("after"), 0.2).getSource()?.addFeatures(featuresOf(after, app.view.plane));
  overlay(app.view, alive, styleOf("before"), 0.3).getSource()?.addFeatures(featuresOf(before, app.view.plane));
}

function styleOf(side: "before" | "after") {
  return (feature: FeatureLike): Style => {
    const level = Number(feature.get("individual_risk_per_year"));
    const zIndex = Math.log10(level);
    if (side === "before") return new Style({ stroke: new Stroke({ color: "#263238", width: 1.6, lineDash: [7, 5] }), zIndex });
    return new Style({ fill: new Fill({ color: faded(contourColour(level), 0.55) }), stroke: new Stroke({ color: "#6a1b9a", width: 2 }), zIndex });
  };
}
