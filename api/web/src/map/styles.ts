/** How the things on the map look. */

import type { FeatureLike } from "ol/Feature";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style";
import type ImageStyle from "ol/style/Image";
import type Point from "ol/geom/Point";
import { fromExtent } from "ol/geom/Polygon";
import { contourColour, DENSITIES, KIND_COLOURS, LEVELS, LINE_COLOUR, OTHER_KIND, PALETTE, REST, TARGET_COLOUR, TRANSPORT_COLOUR } from "./colours";
import { told } from "../words";

export const FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif';
const LABELS_BELOW = 2.5; // metres a pixel

/** White under a line, so that it stands out from the contours. */
const CASING = new Style({ stroke: new Stroke({ color: "rgba(255,255,255,0.85)", width: 5 }) });

const halo = new Stroke({ color: "rgba(255,255,255,0.9)", width: 3 });

function written(text: string, offsetY: number, colour = "#1c2b33", weight = ""): Text {
  return new Text({ text, offsetY, font: `${weight} 12px ${FONT}`.trim(), fill: new Fill({ color: colour }), stroke: halo });
}

export function faded(colour: string, alpha: number): string {
  return colour + Math.round(255 * alpha).toString(16).padStart(2, "0");
}

export function boundaryStyle(): Style {
  return new Style({ stroke: new Stroke({ color: "#111", width: 1.8, lineDash: [8, 5] }) });
}

export function contourStyle(feature: FeatureLike): Style {
  const level = Number(feature.get("individual_risk_per_year"));
  const open = feature.get("closed") === false;
  return new Style({
    fill: new Fill({ color: faded(contourColour(level), 0.8) }),
    stroke: new Stroke({ color: "#5d4037", width: open ? 1.4 : 0.8, ...(open ? { lineDash: [6, 4] } : {}) }),
    zIndex: Math.log10(level),
  });
}

export function enterpriseStyle(feature: FeatureLike, resolution: number): Style[] {
  const colour = LEVELS[String(feature.get("colour"))]?? REST;
  const settled = feature.get("colour_worst") === feature.get("colour_best"); // both missing before the assessment
  const name = String(feature.get("name") ?? "");
  const outline = new Style({
    fill: new Fill({ color: faded(colour, 0.14) }),
    stroke: new Stroke({ color: colour, width: 2.6, ...(settled ? {} : { lineDash: [9, 5] }) }),
    ...(resolution < 6 ? { text: written(name, 0, "#26343b", "600") } : {}),
  });
  return [CASING, outline];
}

export function hazardStyle(feature: FeatureLike, resolution: number): Style {
  const name = String(feature.get("hazard_unit_id") ?? "");
  return new Style({
    fill: new Fill({ color: "rgba(0,105,92,0.06)" }),
    stroke: new Stroke({ color: "#00695c", width: 2.4, lineDash: [4, 3] }),
    ...(resolution < LABELS_BELOW ? { text: written(name, 26, "#00574b") } : {}),
  });
}

export function lineStyle(): Style[] {
  return [CASING, new Style({ stroke: new Stroke({ color: LINE_COLOUR, width: 2 }) })];
}

export function transportStyle(feature: FeatureLike, resolution: number): Style[] {
  const stroke = new Stroke({ color: TRANSPORT_COLOUR, width: 3, lineDash: [2, 7], lineCap: "round" });
  const name = String(feature.get("name") ?? "");
  return [CASING, new Style({ stroke, ...(resolution < LABELS_BELOW ? { text: written(name, -10, TRANSPORT_COLOUR) } : {}) })];
}

/** A square of people, by how densely they stand in it. */
export function peopleStyle(feature: FeatureLike): Style {
  const side = Number(feature.get("cell_m")) || 100;
  const people = Math.max(Number(feature.get("day") ?? 0), Number(feature.get("night") ?? 0));
  const density = people / (side * side * 1e-4);
  const colour = DENSITIES.find(([least]) => density >= least)?.[1] ?? REST;
  return new Style({
    geometry: (each) => {
      const [x = 0, y = 0] = (each.getGeometry() as Point).getCoordinates();
      return fromExtent([x - side / 2, y - side / 2, x + side / 2, y + side / 2]);
    },
    fill: new Fill({ color: faded(colour, 0.75) }),
    stroke: new Stroke({ color: "#5b6770", width: 0.5 }),
  });
}

/** Colour of each substance, the commonest first. */
export function substanceColours(features: FeatureLike[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const each of features) counts.set(substanceOf(each), (counts.get(substanceOf(each)) ?? 0) + 1);
  const order = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  return new Map(order.map(([name], at) => [name, PALETTE[at] ?? REST]));
}

export function substanceOf(feature: FeatureLike): string {
  return told(feature.getProperties(), "substance");
}

export function unitStyle(colour: (feature: FeatureLike) => string, chosen: () => string | null) {
  return (feature: FeatureLike, resolution: number): Style => {
    const id = String(feature.get("unit_id"));
    const size = Math.max(resolution > 8 ? 3 : 5, Number(feature.get("diameter_m") ?? 0) / 2 / resolution);
    const marked = id === chosen();
    const shape = {
      fill: new Fill({ color: colour(feature) }),
      stroke: new Stroke({ color: marked ? "#d50000" : "#263238", width: marked ? 3.5 : 1 }),
    };
    const style: { image: ImageStyle; text?: Text; zIndex: number } = {
      image: feature.get("diameter_m")
        ? new Circle({ radius: size, declutterMode: "obstacle", ...shape })
        : new RegularShape({ points: 4, radius: size * 1.3, angle: Math.PI / 4, declutterMode: "obstacle", ...shape }),
      zIndex: marked ? 2 : 1,
    };
    if (resolution < LABELS_BELOW || marked) style.text = written(id, -size - 12, "#1c2b33", marked ? "700" : "");
    return new Style(style);
  };
}

/** The mark of a class of targets, as in the report's figures. */
export function targetMark(class_: string): ImageStyle {
  const shape = {
    fill: new Fill({ color: TARGET_COLOUR }),
    stroke: new Stroke({ color: "#fff", width: 1.2 }),
    declutterMode: "obstacle" as const,
  };
  switch (class_) {
    case "high-sensitivity":
      return new RegularShape({ points: 4, radius: 9, radius2: 3.5, ...shape });
    case "important":
      return new RegularShape({ points: 4, radius: 8, ...shape });
    case "general class 1":
      return new RegularShape({ points: 3, radius: 8, ...shape });
    case "general class 2":
      return new RegularShape({ points: 4, radius: 8, angle: Math.PI / 4, ...shape });
    default:
      return new Circle({ radius: 6, ...shape });
  }
}

export function targetStyle(feature: FeatureLike, resolution: number): Style {
  const name = String(feature.get("name") ?? feature.get("target_id") ?? "");
  return new Style({
    image: targetMark(String(feature.get("class"))),
    stroke: new Stroke({ color: TARGET_COLOUR, width: 1.4 }),
    fill: new Fill({ color: faded(TARGET_COLOUR, 0.08) }),
    ...(resolution < 2 * LABELS_BELOW ? { text: written(name, 16, "#5a1580") } : {}),
  });
}

export function unitColour(feature: FeatureLike): string {
  return KIND_COLOURS[String(feature.get("kind"))] ?? OTHER_KIND;
}
