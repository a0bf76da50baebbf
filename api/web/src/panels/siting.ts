/** Panel Siting: where in the park a project would pass, and with how much room. */

import type { FeatureCollection } from "geojson";
import Feature, { type FeatureLike } from "ol/Feature";
import Point from "ol/geom/Point";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import type { App } from "../app";
import { worked } from "../failure";
import { canMove, movedTo } from "../gate/moving";
import { type Chosen, ProjectChoice, propose } from "../gate/project_choice";
import { button, type Child, fill, h, table } from "../h";
import { featuresOf } from "../map/layers";
import { overlay, standBack } from "../map/overlay";
import { FONT } from "../map/styles";
import type { Panel } from "../panel";
import { plain } from "../numbers";
import { ask, type Siting, thisPark } from "../questions";
import { named, pick, say } from "../words";

/** Colours of the report's siting map; told apart by the colour-blind too. */
const ROOMS: readonly (readonly [least: number, colour: string])[] = [
  [100, "#006d5b"],
  [10, "#2a9d7c"],
  [3, "#66c2a4"],
  [1, "#b8e3d4"],
];
const VERDICTS: Record<string, string> = { fail: "#e8945a", unknown: "#d9d9d9", occupied: "#8c8c8c" };
const MOST_ROOM = 1000;

interface Sited {
  found: Siting;
  chosen: Chosen;
  areas: FeatureCollection;
}

const kept = new Map<string, Sited>();

export const panel: Panel = {
  name: "siting",
  order: 13,
  title: "siting",
  letter: "S",
  permission: "ask",
  needs: "park",
  mount(root, app, alive) {
    const choice = new ProjectChoice(app, "siting-project", alive);
    const cells = h("select", { id: "siting-cells" }, [60, 100, 200].map((each) => h("option", { value: each }, each)));
    const [place, result] = [h("div", {}), h("div", {})];
    const key = `${app.park?.id}/${app.park?.version}`;
    let showing = new AbortController();
    alive.addEventListener("abort", () => showing.abort());
    const show = () => {
      showing.abort();
      showing = new AbortController();
      const map = kept.get(key);
      if (map) showMap(result, app, choice, map, showing.signal);
    };
    const run = async () => {
      const chosen = choice.chosen();
      if (chosen === null) return app.announce(say("form_incomplete"));
      await worked(place, app, { title: say("siting_running"), done: say("siting_done") }, async (told, signal) => {
        const found = await ask<Siting>(app, "/v1/sitings", { park: thisPark(app), project: chosen.asked, cells: Number(cells.value) }, told, signal);
        const areas = await app.client.get<FeatureCollection>(`/v1/runs/${found.id}/files/siting.geojson`);
        kept.set(key, { found, chosen, areas });
        if (!alive.aborted) show();
      }, alive);
    };
    fill(
      root,
      h("p", { class: "note" }, say("siting_help")),
      choice.element,
      h("div", { class: "row" }, h("label", { for: "siting-cells" }, say("siting_cells")), cells, button(say("siting_run"), () => void run(), { class: "main" })),
      place,
      result,
    );
    choice.load().catch((error: unknown) => app.fail(error));
    show();
  },
};

/** The map of one project: areas on the map, legend, best places, what a click found. */
function showMap(root: HTMLElement, app: App, choice: ProjectChoice, map: Sited, alive: AbortSignal): void {
  const { found, chosen, areas } = map;
  const here = h("div", { "aria-live": "polite" });
  const layer = overlay(app.view, alive, areaStyle, 0.3);
  standBack(app.view, alive, 0, ["contours", "enterprises"]);
  const features = featuresOf(areas, app.view.plane);
  layer.getSource()?.addFeatures(features);
  overlay(app.view, alive, bestStyle, 23).getSource()?.addFeatures(found.best.map((each, at) => new Feature({ geometry: new Point([each.x, each.y]), text: String(at + 1) })));
  const go = (at: [number, number]) => void gateAt(app, choice, chosen, at).catch((error: unknown) => app.fail(error));
  app.view.onClick(({ at }) => {
    app.view.markPlace(at);
    fill(here, cellAt(features, at), h("div", { class: "row" }, button(say("siting_gate"), () => go(at), { class: "main" })));
  }, alive);
  app.view.element.classList.add("no-contours");
  alive.addEventListener("abort", () => (app.view.markPlace(null), app.view.element.classList.remove("no-contours")));
  fill(
    root,
    h("h3", {}, `${say("siting_result")} · ${chosen.name}`),
    h("p", {}, say("siting_elsewhere"), h("b", {}, named("verdict", found.elsewhere)), pick(["；原址：", "; at its own place: "]), h("b", {}, named("verdict", found.own_place))),
    found.unknown.length ? h("p", { class: "warn" }, `${say("missing")}: ${found.unknown.join(", ")}`) : null,
    h("ul", { class: "signs" }, legend(found)),
    here,
    best(app, found, go),
    h("ul", { class: "plain note" }, found.left_out.map((each) => h("li", {}, pick([each.zh, each.en])))),
  );
}

/** Room is shown where the project passes only: every other verdict covers it. */
function areaStyle(feature: FeatureLike): Style | undefined {
  const level = feature.get("room_at_least") as number | undefined;
  const colour = level === undefined ? VERDICTS[String(feature.get("verdict"))] : roomColour(level);
  return colour === undefined ? undefined : new Style({ fill: new Fill({ color: colour }), zIndex: level ?? 2 * MOST_ROOM });
}

function bestStyle(feature: FeatureLike): Style {
  const text = new Text({ text: String(feature.get("text")), font: `700 12px ${FONT}`, fill: new Fill({ color: "#fff" }) });
  return new Style({ image: new Circle({ radius: 10, fill: new Fill({ color: "#16242c" }), stroke: new Stroke({ color: "#fff", width: 2 }) }), text });
}

function roomColour(room: number): string {
  return ROOMS.find(([least]) => room >= least)?.[1] ?? "#b8e3d4";
}

function legend(found: Siting): HTMLElement[] {
  const entry = (colour: string, text: string) => {
    const sign = h("i", { class: "sign", "aria-hidden": "true" });
    sign.style.setProperty("--colour", colour);
    return h("li", {}, sign, text);
  };
  const rooms = (found.cells.pass ?? 0) > 0 ? [...ROOMS].reverse().map(([least, colour]) => entry(colour, say("siting_room_least", { n: least }))) : [];
  const others = Object.entries(VERDICTS).filter(([name]) => found.cells[name]).map(([name, colour]) => entry(colour, say("siting_cells_of", { name: named("cell", name), n: found.cells[name] ?? 0 })));
  return [...rooms, ...others];
}

/** What the map says of a place: the verdict of its cell and the room there. */
function cellAt(features: Feature[], at: [number, number]): Child {
  const there = features.filter((each) => each.getGeometry()?.intersectsCoordinate(at));
  const verdict = String(there.find((each) => each.get("verdict"))?.get("verdict") ?? "outside");
  const room = Math.max(0, ...there.map((each) => Number(each.get("room_at_least") ?? 0)));
  return h("p", {}, `${say("siting_here", { x: at[0].toFixed(0), y: at[1].toFixed(0) })} `, h("b", { class: `status ${verdict}` }, named("cell", verdict)), verdict === "pass" && room ? ` · ${say("siting_room_least", { n: room })}` : "");
}

function roomOf(room: number): string {
  return room >= MOST_ROOM ? `≥ ${MOST_ROOM}` : plain(room, 3);
}

function best(app: App, found: Siting, go: (at: [number, number]) => void): Child {
  if (found.best.length === 0) return h("p", { class: "empty" }, say("siting_nowhere"));
  const rows = found.best.map((each, at) => [
    button(String(at + 1), () => app.view.centre([each.x, each.y]), { class: "small", "aria-label": say("siting_look", { n: at + 1 }) }),
    `${each.x.toFixed(0)}, ${each.y.toFixed(0)}`,
    [h("b", { class: `status ${each.verdict}` }, named("cell", each.verdict)), " ", roomOf(each.room)],
    [named("binding", each.binding), each.target_id ? ` ${each.target_id}` : ""],
    button(say("siting_gate_short"), () => go([each.x, each.y]), { class: "small", "aria-label": `${say("siting_gate")} ${at + 1}` }),
  ]);
  return table(["", "X, Y [m]", say("siting_room"), say("siting_binds"), ""], rows, { caption: say("siting_best"), numeric: [2] });
}

/** Ask the gate about the project at this place. */
async function gateAt(app: App, choice: ProjectChoice, chosen: Chosen, at: [number, number]): Promise<void> {
  const document = await choice.document(chosen);
  if (!canMove(document)) return app.announce(say("siting_fixed"));
  const name = `${chosen.name} @ ${at[0].toFixed(0)}, ${at[1].toFixed(0)}`;
  propose(app, { name, asked: movedTo(document, at) });
  app.open("gate");
}
