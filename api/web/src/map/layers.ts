/** The layers of the map, each with its switch and its part of the legend. */

import type { FeatureCollection } from "geojson";
import type Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import type { StyleLike } from "ol/style/Style";
import type { Plane } from "./plane";
import { boundaryStyle, contourStyle, enterpriseStyle, hazardStyle, targetStyle } from "./styles";
import type { Key } from "../words";

export const LAYERS = ["contours", "enterprises", "hazard_units", "boundary", "targets", "units"] as const;
export type LayerName = (typeof LAYERS)[number];

const STYLES: Record<Exclude<LayerName, "units">, StyleLike> = {
  contours: contourStyle,
  enterprises: enterpriseStyle,
  hazard_units: hazardStyle,
  boundary: boundaryStyle(),
  targets: targetStyle,
};

export const LAYER_WORDS: Record<LayerName, Key> = {
  contours: "layer_contours",
  enterprises: "layer_enterprises",
  hazard_units: "layer_hazard_units",
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
      const declutter = name === "units" || name === "targets" || name === "enterprises" ? "labels" : false;
      const layer = new VectorLayer({ source: new VectorSource(), style: styles[name], zIndex: at, declutter });
      layer.set("name", name);
      layer.setVisible(name !== "hazard_units");
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
