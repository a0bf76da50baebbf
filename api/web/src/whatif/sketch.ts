/** The draft on the map: units can be dragged; where they stood, what is new and what goes is drawn. */

import Feature, { type FeatureLike } from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import LineString from "ol/geom/LineString";
import Point from "ol/geom/Point";
import Translate from "ol/interaction/Translate";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style";
import type { App } from "../app";
import { overlay } from "../map/overlay";
import { FONT } from "../map/styles";
import type { Change } from "./draft";

const CHANGED = "#6a1b9a";
const halo = new Stroke({ color: "#fff", width: 4 });

/** Draw; the function that comes back shows these changes. `moved` hears where a unit was dragged to. */
export function sketch(app: App, moved: (unit: string, at: [number, number]) => void, alive: AbortSignal): (changes: Change[]) => void {
  const units = app.view.layers.features("units").filter((each) => each.getGeometry() instanceof Point);
  const before = new Map(units.map((each) => [String(each.get("unit_id")), app.view.middle(each)]));
  const layer = overlay(app.view, alive, styleOf, 24);
  const drag = new Translate({ layers: [app.view.layers.all.units], hitTolerance: 6, filter: (feature) => feature.getGeometry() instanceof Point });
  drag.on("translateend", (event) => {
    const feature = event.features.item(0) as Feature<Geometry> | undefined;
    if (feature) moved(String(feature.get("unit_id")), rounded(app.view.middle(feature)));
  });
  app.view.map.addInteraction(drag);
  const stand = (places: Map<string, readonly number[]>) => {
    for (const each of units) {
      const unit = String(each.get("unit_id"));
      (each.getGeometry() as Point).setCoordinates([...(places.get(unit) ?? before.get(unit) ?? [])]);
    }
  };
  alive.addEventListener("abort", () => (app.view.map.removeInteraction(drag), stand(new Map())), { once: true });
  return (changes) => {
    stand(new Map(changes.flatMap((each) => (each.kind === "move" ? [[each.unit, each.at] as const] : []))));
    const source = layer.getSource();
    source?.clear();
    for (const change of changes) source?.addFeatures(drawn(change, before));
  };
}

/** Coordinates to the decimetre. */
export function rounded(at: readonly number[]): [number, number] {
  return [Math.round(10 * (at[0] ?? 0)) / 10, Math.round(10 * (at[1] ?? 0)) / 10];
}

function drawn(change: Change, before: Map<string, [number, number]>): Feature[] {
  switch (change.kind) {
    case "move": {
      const from = before.get(change.unit) ?? change.at;
      return [new Feature({ geometry: new LineString([from, change.at]), sign: "way" }), new Feature({ geometry: new Point(from), sign: "ghost" })];
    }
    case "add":
      return [new Feature({ geometry: new Point([Number(change.row.x), Number(change.row.y)]), sign: "new", text: String(change.row.unit_id) })];
    case "housing":
      return [new Feature({ geometry: new Point([Number(change.row.x), Number(change.row.y)]), sign: "housing", text: `${change.row.night}` })];
    default:
      return [new Feature({ geometry: new Point(before.get(change.unit) ?? [0, 0]), sign: change.kind === "remove" ? "gone" : "edit" })];
  }
}

function styleOf(feature: FeatureLike): Style {
  const stroke = new Stroke({ color: CHANGED, width: 2.5 });
  const text = feature.get("text") ? { text: new Text({ text: String(feature.get("text")), offsetY: -20, font: `600 12px ${FONT}`, fill: new Fill({ color: CHANGED }), stroke: halo }) } : {};
  switch (feature.get("sign")) {
    case "way":
      return new Style({ stroke: new Stroke({ color: CHANGED, width: 2, lineDash: [6, 5] }) });
    case "ghost":
      return new Style({ image: new Circle({ radius: 8, stroke: new Stroke({ color: CHANGED, width: 2, lineDash: [3, 3] }) }) });
    case "gone":
      return new Style({ image: new RegularShape({ points: 4, radius: 16, radius2: 0, angle: Math.PI / 4, stroke: new Stroke({ color: "#b3261e", width: 4 }) }) });
    case "housing":
      return new Style({ image: new RegularShape({ points: 5, radius: 12, fill: new Fill({ color: "#e1bee7" }), stroke }), ...text });
    case "new":
      return new Style({ image: new RegularShape({ points: 4, radius: 12, angle: Math.PI / 4, fill: new Fill({ color: "#e1bee7" }), stroke }), ...text });
    default:
      return new Style({ image: new Circle({ radius: 14, stroke }) });
  }
}
