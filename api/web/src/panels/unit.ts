/** Panel Unit: the record of a unit, its hazard, its share of the park's risk, and where each number comes from. */

import type { App } from "../app";
import { button, type Child, facts, fill, h } from "../h";
import { percent } from "../numbers";
import type { Panel } from "../panel";
import { measured, yearly } from "../parts";
import { traceButton } from "../steps";
import { named, say, told } from "../words";

export const panel: Panel = {
  name: "unit",
  order: 4,
  title: "unit",
  letter: "U",
  permission: "read",
  needs: "park",
  mount(root, app, alive) {
    const update = () => fill(root, record(app, alive));
    app.on("unit", update, alive);
    update();
  },
};

function record(app: App, alive: AbortSignal): HTMLElement {
  const feature = app.view.layers.features("units").find((each) => each.get("unit_id") === app.unit);
  if (!feature) return h("div", { class: "empty" }, h("p", {}, say("unit_none")), button(say("find"), () => app.open("find")));
  const unit = feature.getProperties();
  const value = (name: string, unitOf: string): Child => measured(unit[name], unitOf);
  return h(
    "div",
    {},
    h("h3", { class: "first" }, `${app.unit} ${unit.name ?? ""}`),
    facts([
      [say("kind"), named("kind", String(unit.kind))],
      [say("enterprise"), String(app.result?.enterprises.find((each) => each.enterprise_id === unit.enterprise_id)?.name ?? unit.enterprise_id ?? "")],
      [say("substance"), told(unit, "substance")],
      [say("volume"), value("volume_m3", "m3")],
      [say("pressure"), value("pressure_kpa", "kPa(g)")],
      [say("temperature"), value("temperature_c", "degC")],
    ]),
    hazard(app, alive),
  );
}

/** What the assessment says of the unit. */
function hazard(app: App, alive: AbortSignal): Child {
  const row = app.result?.sources.find((each) => each.unit_id === app.unit);
  if (!row) return h("p", { class: "note" }, say(app.result ? "unit_no_source" : "not_assessed"));
  const tree = h("div", { "aria-live": "polite" });
  const trace = (column: string, label: string) => (app.may("ask") ? traceButton(app, tree, { table: "sources", key: row.unit_id, column, label }, alive) : null);
  const line = (label: string, column: string, text: string): [Child, Child] => [label, h("span", { class: "traced" }, text, trace(column, label))];
  return [
    h("h3", {}, say("hazard")),
    facts([
      line(say("amount"), "mass_t", measured(row.mass_t, "t")),
      [say("q_over_Q"), measured(row.q_over_Q)],
      [say("hazard_unit"), row.hazard_unit_id || say("none")],
      [say("unit_R"), `${measured(row.R)} (S ${measured(row.S)})`],
      [say("level"), row.level === null ? say("level_none") : say("level_n", { n: row.level })],
    ]),
    h("h3", {}, say("risk")),
    facts([
      line(say("frequency"), "frequency", yearly(row.frequency)),
      line(say("pll"), "pll", yearly(row.pll)),
      [say("pll_share"), percent(row.pll_share)],
      [say("domino_out"), yearly(row.domino_out)],
      [say("domino_in"), yearly(row.domino_in)],
    ]),
    app.panels.has("domino") ? h("div", { class: "row" }, button(say("cascade"), () => app.open("domino"), { class: "main" })) : null,
    tree,
  ];
}
