/** The layers of the map, each with its switch and its part of the legend. */

import type { FeatureCollection } from "geojson";
import type Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import type { StyleLike } from "ol/style/Style";
import type { Plane } from "./plane";
import { boundaryStyle, contourStyle, enterpriseStyle, hazardStyle, lineStyle, peopleStyle, targetStyle, transportStyle } from "./styles";
import type { Key } from "../words";

export const LAYERS = ["people", "contours", "enterprises", "hazard_units", "lines", "transport", "boundary", "targets", "units"] as const;
export type LayerName = (typeof LAYERS)[number];

const HIDDEN_AT_FIRST: readonly LayerName[] = ["people", "hazard_units"];
const WITH_LABELS: readonly LayerName[] = ["units", "targets", "enterprises", "transport"];

const STYLES: Record<Exclude<LayerName, "units">, StyleLike> = {
  people: peopleStyle,
  contours: contourStyle,
  enterprises: enterpriseStyle,
  hazard_units: hazardStyle,
  lines: lineStyle(),
  transport: transportStyle,
  boundary: boundaryStyle(),
  targets: targetStyle,
};

export const LAYER_WORDS: Record<LayerName, Key> = {
  people: "layer_people",
  contours: "layer_contours",
  enterprises: "layer_enterprises",
  hazard_units: "layer_hazard_units",
  lines: "layer_lines",
  transport: "layer_transport",
  boundary: "layer_boundary",
  targets: "layer_targets",
  units: "layer_units",
};

/** Read GeoJSON in longitude and latitude into the plane. */
export function featuresOf(collection: FeatureCollection, plane: Plane): Feature[] {
  const format = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: plane.projection });
  return format.readFeatures(collection) as Feature[];
}

/** The layers, bottom first. */
export class Layers {
  readonly all: Record<LayerName, VectorLayer>;

  constructor(unitStyle: StyleLike) {
    const styles: Record<LayerName, StyleLike> = { ...STYLES, units: unitStyle };
    const made = LAYERS.map((name, at) => {
      const declutter = WITH_LABELS.includes(name) ? "labels" : false;
      const layer = new VectorLayer({ source: new VectorSource(), style: styles[name], zIndex: at, declutter });
      layer.set("name", name);
      layer.setVisible(!HIDDEN_AT_FIRST.includes(name));
      return [name, layer] as const;
    });
    this.all = Object.fromEntries(made) as Record<LayerName, VectorLayer>;
  }

  features(name: LayerName): Feature[] {
    return (this.all[name].getSource() as VectorSource).getFeatures();
  }

  /** What of a layer lies at a place of the plane, if anything. */
  at(name: LayerName, place: readonly [number, number]): Feature | undefined {
    return (this.all[name].getSource() as VectorSource).getFeaturesAtCoordinate([...place])[0];
  }

  /** Show this content in a layer, in the place of what it held. */
  show(name: LayerName, collection: FeatureCollection | null | undefined, plane: Plane): void {
    const source = this.all[name].getSource() as VectorSource;
    source.clear();
    if (collection) source.addFeatures(featuresOf(collection, plane));
  }
}
