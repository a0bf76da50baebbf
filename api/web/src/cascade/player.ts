/** The player of a cascade: clock, legend, list of the units that follow and of the chains. */

import type { App } from "../app";
import { button, type Child, fill, h, table } from "../h";
import { percent } from "../numbers";
import type { Cascade, CascadeUnit } from "../questions";
import { say } from "../words";
import { type Colours, drawing } from "./drawing";
import { CHANCES, failures, followers, span, TIMES } from "./times";

const MINUTES_A_SECOND = 10;
const STEP_MS = 100;
const CALM_STEP_MS = 1000; // for those who want less motion: few steps, no smooth run
const MOST_CHAINS = 12;

export function player(app: App, cascade: Cascade, alive: AbortSignal): Child {
  const order = followers(cascade);
  if (order.length === 0) return h("p", { class: "empty" }, say("domino_alone"));
  const times = failures(cascade);
  const end = span(cascade);
  const show = drawing(app, cascade, alive);
  const state = h("p", { class: "note", role: "status" });
  const clock = h("span", { class: "number", "aria-hidden": "true" });
  const slider = h("input", { type: "range", id: "domino-time", min: 0, max: end, step: 1, value: end, "aria-label": say("domino_time") });
  const by = h("select", { id: "domino-colours" }, h("option", { value: "chance" }, say("domino_by_chance")), h("option", { value: "time" }, say("domino_by_time")));
  const legend = h("ul", { class: "signs flow" });
  const rows = new Map<string, HTMLElement>();
  let said = "";

  const draw = () => {
    const minute = Number(slider.value);
    const down = order.filter((each) => (times.get(each.unit_id) ?? Infinity) <= minute);
    show(minute, by.value as Colours);
    fill(clock, say("minute", { n: minute }));
    slider.setAttribute("aria-valuetext", say("domino_said", { n: minute, failed: down.length }));
    for (const each of order) rows.get(each.unit_id)?.classList.toggle("lit", (times.get(each.unit_id) ?? Infinity) <= minute);
    const text = say("domino_failed", { n: down.length, all: order.length, last: down.at(-1)?.unit_id ?? say("none") });
    if (text !== said) fill(state, (said = text));
  };
  const colour = () => (fill(legend, legendOf(by.value as Colours)), draw());
  by.addEventListener("change", colour);
  slider.addEventListener("input", draw);
  const head = [
    h("div", { class: "row" }, playButton(slider, end, draw, alive), slider, clock),
    state,
    h("div", { class: "row" }, h("label", { for: "domino-colours" }, say("colour_units")), by),
    legend,
  ];
  const body = [...head, h("p", { class: "note" }, say("domino_note")), listed(app, order, rows), chains(cascade)];
  colour();
  return body;
}

function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Play and pause; from the end it begins anew. */
function playButton(slider: HTMLInputElement, end: number, draw: () => void, alive: AbortSignal): HTMLElement {
  let timer = 0;
  const play = button(say("play"), () => (timer ? pause() : start()), { class: "main play" });
  const pause = () => (clearInterval(timer), (timer = 0), fill(play, say("play")));
  const start = () => {
    if (Number(slider.value) >= end) slider.value = "0";
    const pace = calm() ? CALM_STEP_MS : STEP_MS;
    draw();
    fill(play, say("pause"));
    timer = window.setInterval(() => {
      slider.value = String(Number(slider.value) + (MINUTES_A_SECOND * pace) / 1000);
      draw();
      if (Number(slider.value) >= end) pause();
    }, pace);
  };
  alive.addEventListener("abort", pause);
  return play;
}

function legendOf(by: Colours): HTMLElement[] {
  const entry = (colour: string, text: string) => {
    const sign = h("i", { class: "sign round", "aria-hidden": "true" });
    sign.style.setProperty("--colour", colour);
    return h("li", {}, sign, text);
  };
  if (by === "chance") return CHANCES.map(([least, colour]) => entry(colour, least ? `≥ ${percent(least)}` : `< ${percent(CHANCES.at(-2)?.[0] ?? 0)}`));
  return TIMES.map(([most, colour]) => entry(colour, Number.isFinite(most) ? `≤ ${most} min` : `> ${TIMES.at(-2)?.[0]} min`));
}

export function timeOf(row: CascadeUnit): string {
  if (row.time_min === null) return say("unknown");
  const middle = row.time_min.toFixed(1);
  return row.time_p10_min === null || row.time_p90_min === null ? middle : `${middle} (${row.time_p10_min.toFixed(1)}–${row.time_p90_min.toFixed(1)})`;
}

/** Who follows, with probability, order and time. */
function listed(app: App, order: CascadeUnit[], rows: Map<string, HTMLElement>): HTMLElement {
  const lines = order.map((each) => {
    const look = button(each.unit_id, () => lookAt(app, each.unit_id), { class: "link" });
    const name = h("span", { class: "follower" }, look, each.cross_enterprise ? h("span", { class: "mark" }, say("domino_cross")) : null);
    rows.set(each.unit_id, name);
    return [name, percent(each.probability), each.order, timeOf(each)];
  });
  return table([say("unit"), say("domino_chance"), say("domino_order"), say("domino_minutes")], lines, { caption: say("domino_list"), numeric: [1, 2, 3] });
}

function chains(cascade: Cascade): HTMLElement {
  const rows = cascade.chains.slice(0, MOST_CHAINS).map((each) => [each.units.replaceAll(" > ", " → "), percent(each.probability), each.times_min.replaceAll(" > ", " → ")]);
  return table([say("domino_chain"), say("domino_chance"), say("domino_minutes")], rows, { caption: say("domino_chains"), numeric: [1] });
}

function lookAt(app: App, unit: string): void {
  const feature = app.view.layers.features("units").find((each) => each.get("unit_id") === unit);
  if (feature) app.view.centre(app.view.middle(feature));
}
