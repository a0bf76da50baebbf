/** Panel Find: all units, targets and enterprises as a list, which says what the map shows. */

import type { App } from "../app";
import { button, fill, h } from "../h";
import { toLonLat } from "../map/plane";
import type { Panel } from "../panel";
import { walkable, yearly } from "../parts";
import { percent } from "../numbers";
import { named, say, told } from "../words";

const MOST = 150;

/** What is typed stays when the panel is made anew, as it is when a result arrives. */
let sought = "";

interface Entry {
  group: "units" | "targets" | "enterprises";
  id: string;
  name: string;
  more: string;
  open: () => void;
}

export const panel: Panel = {
  name: "find",
  order: 5,
  title: "find",
  letter: "F",
  permission: "read",
  needs: "park",
  mount(root, app) {
    const entries = [...units(app), ...targets(app), ...enterprises(app)];
    const list = walkable(h("ul", { class: "found", "aria-label": say("find") }));
    const count = h("p", { class: "note", role: "status" });
    const field = h("input", { type: "search", id: "find", autocomplete: "off", placeholder: say("find_hint") });
    field.value = sought;
    const update = () => {
      sought = field.value;
      const words = sought.toLowerCase().split(/\s+/);
      const fit = entries.filter((each) => words.every((word) => `${each.id} ${each.name} ${each.more}`.toLowerCase().includes(word)));
      fill(count, say(fit.length > MOST ? "found_first" : "found", { n: fit.length, most: MOST }));
      fill(list, fit.slice(0, MOST).map(line));
    };
    field.addEventListener("input", update);
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") (event.preventDefault(), list.querySelector("button")?.focus());
      if (event.key === "Enter") list.querySelector("button")?.click();
    });
    fill(root, h("label", { for: "find" }, say("find_label")), field, count, list);
    update();
    field.focus({ preventScroll: true });
  },
};

function line(entry: Entry): HTMLElement {
  const text = [h("b", {}, entry.id), ` ${entry.name} `, h("span", { class: "note" }, `${say(`find_${entry.group}`)} · ${entry.more}`)];
  return h("li", {}, button(h("span", {}, text), entry.open));
}

function units(app: App): Entry[] {
  const rows = new Map(app.result?.sources.map((row) => [row.unit_id, row]));
  return app.view.layers.features("units").map((feature) => {
    const unit = feature.getProperties();
    const row = rows.get(unit.unit_id as string);
    const level = row?.level ? say("level_n", { n: row.level }) : "";
    const share = row ? `${say("pll_share")} ${percent(row.pll_share)}` : "";
    const more = [named("kind", String(unit.kind)), told(unit, "substance"), level, share].filter(Boolean).join(" · ");
    return { group: "units", id: String(unit.unit_id), name: String(unit.name ?? ""), more, open: () => app.chooseUnit(String(unit.unit_id), { look: true }) };
  });
}

function targets(app: App): Entry[] {
  const rows = new Map(app.result?.targets.map((row) => [row.target_id, row]));
  return app.view.layers.features("targets").map((feature) => {
    const target = feature.getProperties();
    const id = String(target.target_id);
    const row = rows.get(id);
    const more = [named("class", String(target.class)), row ? `${yearly(row.individual_risk)} ${named("status", row.status)}` : ""].filter(Boolean).join(" · ");
    const at = app.view.middle(feature);
    return { group: "targets", id, name: String(target.name ?? ""), more, open: () => (app.view.centre(at), app.choosePlace({ at, lonLat: toLonLat(app.view.plane, at), target: id })) };
  });
}

function enterprises(app: App): Entry[] {
  return app.view.layers.features("enterprises").map((feature) => {
    const row = feature.getProperties();
    const at = app.view.middle(feature);
    const more = named("colour", String(row.colour));
    return { group: "enterprises", id: String(row.enterprise_id), name: String(row.name ?? ""), more, open: () => (app.view.centre(at), app.choosePlace({ at, lonLat: toLonLat(app.view.plane, at) })) };
  });
}
