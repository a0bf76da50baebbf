/** The grid behind the map: lines of the plane's coordinates, labelled at the edge, instead of tiles from outside. */

import Feature from "ol/Feature";
import type OlMap from "ol/Map";
import LineString from "ol/geom/LineString";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import { FONT } from "./styles";

const LINE = new Style({ stroke: new Stroke({ color: "rgba(40,60,70,0.13)", width: 1 }) });
const SPACE = 110; // at least so many pixels between lines

/** Distance of the grid lines: 1, 2 or 5 times a power of ten. [m] */
export function gridStep(resolution: number): number {
  const wanted = SPACE * resolution;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * (([1, 2, 5].find((factor) => factor * power >= wanted) ?? 10));
}

/** A layer that follows the view. */
export function gridLayer(map: OlMap): VectorLayer {
  const source = new VectorSource();
  const draw = () => {
    const view = map.getView();
    const size = map.getSize();
    const resolution = view.getResolution();
    source.clear();
    if (!size || !resolution) return;
    source.addFeatures(lines(view.calculateExtent(size), gridStep(resolution), resolution));
  };
  map.on("moveend", draw);
  map.on("change:view", draw);
  map.on("change:size", draw);
  return new VectorLayer({ source, zIndex: 1.5 }); // over people and contours, under all else
}

function lines(extent: number[], step: number, resolution: number): Feature[] {
  const [left = 0, bottom = 0, right = 0, top = 0] = extent;
  const found: Feature[] = [];
  for (let x = Math.ceil(left / step) * step; x < right; x += step) {
    found.push(line([[x, bottom], [x, top]]), label([x, top - 8 * resolution], x, step, "center"));
  }
  for (let y = Math.ceil(bottom / step) * step; y < top; y += step) {
    found.push(line([[left, y], [right, y]]), label([right - 4 * resolution, y], y, step, "right"));
  }
  return found;
}

function line(ends: [[number, number], [number, number]]): Feature {
  const feature = new Feature(new LineString(ends));
  feature.setStyle(LINE);
  return feature;
}

function label(at: [number, number], value: number, step: number, align: "right" | "center"): Feature {
  const feature = new Feature(new Point(at));
  const digits = Math.max(0, Math.ceil(-Math.log10(step / 1000)));
  const text = `${(value / 1000).toFixed(digits)} km`;
  const style = { text, font: `11px ${FONT}`, textAlign: align, offsetY: align === "right" ? -7 : 2 };
  feature.setStyle(new Style({ text: new Text({ ...style, fill: new Fill({ color: "#3d4c54" }), stroke: new Stroke({ color: "rgba(255,255,255,0.8)", width: 3 }) }) }));
  return feature;
}
