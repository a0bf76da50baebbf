/** A layer of a panel: over the map as long as the panel is there. */

import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import type { StyleLike } from "ol/style/Style";
import type { MapView } from "./view";

export function overlay(view: MapView, alive: AbortSignal, style: StyleLike, zIndex: number, declutter = false): VectorLayer<VectorSource> {
  const layer = new VectorLayer({ source: new VectorSource(), style, zIndex, declutter });
  view.map.addLayer(layer);
  alive.addEventListener("abort", () => view.map.removeLayer(layer), { once: true });
  return layer;
}

/** Let the layers of the assessment stand back while a panel shows its own. */
export function standBack(view: MapView, alive: AbortSignal, opacity: number, names: ("contours" | "enterprises" | "units")[] = ["contours"]): void {
  for (const name of names) view.layers.all[name].setOpacity(opacity);
  alive.addEventListener("abort", () => names.forEach((name) => view.layers.all[name].setOpacity(1)), { once: true });
}
