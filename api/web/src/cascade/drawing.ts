/** The cascade on the map: units light up as their time passes, arrows say which unit tips which. */

import Feature, { type FeatureLike } from "ol/Feature";
import LineString from "ol/geom/LineString";
import Point from "ol/geom/Point";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style";
import type { App } from "../app";
import { overlay, standBack } from "../map/overlay";
import { faded, FONT } from "../map/styles";
import { percent } from "../numbers";
import type { Cascade } from "../questions";
import { chanceColour, failures, timeColour } from "./times";

export type Colours = "chance" | "time";

const INK = "#16242c";
const START = "#000000";
const MOST_ARROWS = 60;
/** The head of an arrow stands before the sign of its unit. [pixels along it] */
const BACK = [0, -19];

/** Draw; the function that comes back shows a minute in colours by probability or time. */
export function drawing(app: App, cascade: Cascade, alive: AbortSignal): (minute: number, colours: Colours) => void {
  let minute = 0;
  let colours: Colours = "chance";
  const times = failures(cascade);
  const chances = new Map(cascade.units.map((each) => [each.unit_id, each.probability]));
  const places = new Map(app.view.layers.features("units").map((each) => [String(each.get("unit_id")), app.view.middle(each)]));
  const failed = (unit: string) => (times.get(unit) ?? Infinity) <= minute;

  const unitStyle = (feature: FeatureLike): Style => {
    const unit = String(feature.get("unit"));
    const time = times.get(unit);
    const chance = chances.get(unit) ?? 1;
    const colour = unit === cascade.from ? START : colours === "chance" ? chanceColour(chance) : timeColour(time ?? Infinity);
    const lit = failed(unit);
    const text = unit === cascade.from ? unit : `${unit}  ${percent(chance)}${time === undefined ? "" : ` · ${time.toFixed(0)} min`}`;
    return new Style({
      image: new Circle({ radius: lit ? 11 : 8, declutterMode: "obstacle", fill: new Fill({ color: lit ? colour : faded(colour, 0.25) }), stroke: new Stroke({ color: lit ? INK : faded(INK, 0.6), width: lit ? 2.5 : 1.2, ...(lit ? {} : { lineDash: [3, 3] }) }) }),
      ...(lit ? { text: new Text({ text, offsetY: -20, font: `600 12px ${FONT}`, fill: new Fill({ color: INK }), stroke: new Stroke({ color: "#fff", width: 4 }) }) } : {}),
      zIndex: lit ? 2 : 1,
    });
  };
  const arrowStyle = (feature: FeatureLike): Style[] => {
    if (!failed(String(feature.get("from"))) || !failed(String(feature.get("to")))) return [];
    const [start, end] = (feature.get("geometry") as LineString).getCoordinates() as [number[], number[]];
    const turn = Math.atan2((end[0] ?? 0) - (start[0] ?? 0), (end[1] ?? 0) - (start[1] ?? 0));
    const width = Math.max(1.5, 5 + Math.log10(Number(feature.get("chance"))));
    return [
      new Style({ stroke: new Stroke({ color: faded(INK, 0.75), width }) }),
      new Style({ geometry: new Point(end), image: new RegularShape({ points: 3, radius: 8 + width, rotation: turn, displacement: BACK, fill: new Fill({ color: INK }), stroke: new Stroke({ color: "#fff", width: 1 }) }) }),
    ];
  };
  const arrows = overlay(app.view, alive, arrowStyle, 21);
  const dots = overlay(app.view, alive, unitStyle, 22, true);
  standBack(app.view, alive, 0.35, ["contours", "enterprises", "units"]);
  for (const edge of cascade.edges.slice(0, MOST_ARROWS)) {
    const ends = [places.get(edge.from_unit), places.get(edge.to_unit)];
    if (ends[0] && ends[1]) arrows.getSource()?.addFeature(new Feature({ geometry: new LineString([ends[0], ends[1]]), from: edge.from_unit, to: edge.to_unit, chance: edge.probability }));
  }
  for (const unit of [cascade.from, ...cascade.units.filter((each) => each.probability > 0).map((each) => each.unit_id)]) {
    const at = places.get(unit);
    if (at) dots.getSource()?.addFeature(new Feature({ geometry: new Point(at), unit, unit_id: unit }));
  }
  return (now, by) => {
    minute = now;
    colours = by;
    dots.changed();
    arrows.changed();
  };
}
