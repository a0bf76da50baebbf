/** Panel Place: individual risk at a point of the map or at a target, and what it is made of. */

import type { App } from "../app";
import type { PlaceRisk } from "../answers";
import { button, facts, fill, h } from "../h";
import { written } from "../map/position";
import { compass } from "../numbers";
import type { Panel } from "../panel";
import { bars, unverified, yearly } from "../parts";
import { traceButton } from "../steps";
import { named, pick, say, told } from "../words";

export const panel: Panel = {
  name: "place",
  order: 3,
  title: "place",
  letter: "R",
  permission: "ask",
  needs: "assessment",
  mount(root, app, alive) {
    let asking = new AbortController();
    alive.addEventListener("abort", () => asking.abort());
    const update = () => {
      asking.abort();
      asking = new AbortController();
      void show(root, app, asking.signal);
    };
    app.on("place", update, alive);
    update();
  },
};

async function show(root: HTMLElement, app: App, alive: AbortSignal): Promise<void> {
  const place = app.place;
  if (!place) return fill(root, h("p", { class: "empty" }, say("place_none")));
  const where = h("p", { class: "note where" }, written(place.at, app.view.plane).map((line) => h("span", {}, line)));
  const risk = h("div", { "aria-live": "polite" }, h("p", { class: "note" }, say("loading")));
  fill(root, target(app, alive), where, enterpriseAt(app), risk);
  try {
    const asked = new URLSearchParams({ x: String(place.at[0]), y: String(place.at[1]) });
    const found = await app.client.get<PlaceRisk>(`/v1/assessments/${app.assessment?.id}/risk-at?${asked}`, alive);
    fill(risk, made(app, found));
  } catch (error) {
    if (!alive.aborted) fill(risk);
    app.fail(error);
  }
}

/** The risk and its shares by source, outcome, weather and wind. */
function made(app: App, found: PlaceRisk): HTMLElement[] {
  const total = found.places[0]?.individual_risk ?? 0;
  const head = h("p", { class: "figure" }, h("b", {}, yearly(total)), h("span", { class: "note" }, say("place_quantity")));
  if (total === 0) return [head];
  const unit = (id: string) => button(id, () => app.chooseUnit(id), { class: "link" });
  const shares = (by: string, label: (part: string) => string) =>
    bars(
      found.parts.filter((each) => each.by === by).map((each) => ({ label: label(each.part), share: each.share, value: yearly(each.individual_risk) })),
      say(`by_${by}` as "by_outcome"),
    );
  const names = new Map(app.result?.sources.map((each) => [each.unit_id, each]));
  const sources = found.sources.map((each) => {
    const row = names.get(each.unit_id);
    return { label: [unit(each.unit_id), row ? ` ${row.name} · ${told(row, "substance")}` : ""], share: each.share, value: yearly(each.individual_risk) };
  });
  return [
    head,
    h("h3", {}, say("by_source")),
    bars(sources, say("by_source")),
    h("h3", {}, say("by_outcome")),
    shares("outcome", (part) => named("outcome", part)),
    h("h3", {}, say("by_weather")),
    shares("weather", weather),
    h("h3", {}, say("by_wind_from")),
    shares("wind_from", (part) => say("wind_from", { name: pick(compass(Number(part))), n: part })),
  ];
}

/** "1.5 F" is wind speed and stability class. */
function weather(part: string): string {
  const [speed, stability] = part.split(" ");
  return say("weather_class", { speed: speed ?? "", stability: stability ?? "" });
}

function target(app: App, alive: AbortSignal): HTMLElement | null {
  const row = app.result?.targets.find((each) => each.target_id === app.place?.target);
  if (!row) return null;
  const tree = h("div", {});
  const cell = { table: "targets", key: row.target_id, column: "individual_risk", label: say("individual_risk") };
  return h(
    "section",
    {},
    h("h3", { class: "first" }, `${row.name} (${row.target_id})`),
    facts([
      [say("target_class"), named("class", row.class)],
      [say("persons"), row.persons ?? say("unknown")],
      [say("individual_risk"), [yearly(row.individual_risk), " ", traceButton(app, tree, cell, alive)]],
      [say("limit"), [yearly(row.limit), " · ", row.clause, unverified(row.mark)]],
      [say("judgement"), h("b", { class: `status ${row.status}` }, named("status", row.status))],
    ]),
    tree,
  );
}

function enterpriseAt(app: App): HTMLElement | null {
  const at = app.place?.at;
  const feature = at ? app.view.layers.at("enterprises", at) : undefined;
  if (!feature) return null;
  const row = feature.getProperties() as { name: string; colour: string; reason_zh: string; reason_en: string };
  return h("details", {}, h("summary", {}, `${row.name} · ${named("colour", row.colour)}`), h("p", { class: "note" }, told(row, "reason")));
}
