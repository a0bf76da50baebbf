/** The map: background grid, layers, controls, what a click means. */

import type { FeatureCollection } from "geojson";
import OlMap from "ol/Map";
import View from "ol/View";
import { defaults as controls } from "ol/control/defaults";
import Rotate from "ol/control/Rotate";
import ScaleLine from "ol/control/ScaleLine";
import Zoom from "ol/control/Zoom";
import type { FeatureLike } from "ol/Feature";
import Feature from "ol/Feature";
import { getCenter } from "ol/extent";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, RegularShape, Stroke, Style } from "ol/style";
import type { ParkMap } from "../answers";
import { h } from "../h";
import { say } from "../words";
import { gridLayer } from "./grid";
import { Layers } from "./layers";
import { type Plane, planeOf, toLonLat, toPlane } from "./plane";
import { substanceColours, substanceOf, unitColour, unitStyle } from "./styles";
import { REST } from "./colours";

/** A click: where, in the plane, and what lies there. */
export interface Click {
  at: [number, number];
  lonLat: [number, number];
  unit: string | null;
  target: string | null;
}

export type UnitColours = "kind" | "substance";

export class MapView {
  readonly map: OlMap;
  readonly layers: Layers;
  /** Until a park is shown, any plane will do. */
  plane: Plane = planeOf("EPSG:4546", "proj=tmerc lat_0=0 lon_0=111 k=1 x_0=500000 y_0=0 ellps=GRS80 units=m");
  colours: UnitColours = "kind";
  /** The unit that is marked. */
  chosen: string | null = null;
  private readonly mark = new VectorSource();
  private readonly handlers: ((click: Click) => void)[] = [];
  private substances = new Map<string, string>();

  constructor(readonly element: HTMLElement) {
    this.layers = new Layers(unitStyle((feature) => this.unitColour(feature), () => this.chosen));
    const zoom = new Zoom({ zoomInTipLabel: say("zoom_in"), zoomOutTipLabel: say("zoom_out") });
    const north = new Rotate({ autoHide: false, label: h("span", { class: "north" }, "▲", h("b", {}, "N")), tipLabel: say("north") });
    this.map = new OlMap({
      target: element,
      controls: controls({ attribution: false, zoom: false, rotate: false }).extend([zoom, north, new ScaleLine()]),
      layers: Object.values(this.layers.all),
      view: new View({ projection: this.plane.projection, center: [0, 0], zoom: 5 }),
    });
    this.map.addLayer(gridLayer(this.map));
    this.map.addLayer(new VectorLayer({ source: this.mark, zIndex: 50, style: CROSS }));
    this.map.on("singleclick", (event) => this.clicked(event.coordinate as [number, number], event.pixel));
    this.map.on("pointermove", (event) => {
      const over = this.map.hasFeatureAtPixel(event.pixel, { layerFilter: isThing, hitTolerance: 4 });
      element.classList.toggle("over", over);
    });
    element.classList.add("blank");
    element.addEventListener("keydown", (event) => this.keyed(event));
  }

  /** What a click does, until `alive` aborts: the last to ask for clicks gets them. */
  onClick(handler: (click: Click) => void, alive: AbortSignal): void {
    this.handlers.push(handler);
    alive.addEventListener("abort", () => this.handlers.splice(this.handlers.indexOf(handler), 1), { once: true });
  }

  /** Show a park and look at all of it. */
  show(park: ParkMap): void {
    this.element.classList.remove("blank");
    this.plane = planeOf(park.crs.name, park.crs.proj);
    const [west, south, east, north] = park.bbox ?? [0, 0, 0, 0];
    this.whole = park.bbox ? [...toPlane(this.plane, [west, south]), ...toPlane(this.plane, [east, north])] : [];
    this.map.setView(new View({ projection: this.plane.projection, minResolution: 0.05, maxResolution: 200, center: [0, 0], resolution: 10 }));
    const boundary: FeatureCollection | null = park.boundary && { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: park.boundary }] };
    this.layers.show("boundary", boundary, this.plane);
    this.layers.show("units", park.units, this.plane);
    this.layers.show("targets", park.targets, this.plane);
    for (const name of ["enterprises", "lines", "transport", "people"] as const) this.layers.show(name, park[name], this.plane);
    this.layers.show("contours", null, this.plane);
    this.layers.show("hazard_units", null, this.plane);
    this.substances = substanceColours(this.layers.features("units"));
    this.mark.clear();
    this.fit();
  }

  private whole: number[] = [];

  /** Look at all of the park. */
  fit(): void {
    const [width = 0] = this.map.getSize() ?? [];
    const padding = width > 700 ? [48, 64, 48, 190] : [28, 40, 64, 28]; // room for the legend
    if (this.whole.length) this.map.getView().fit(this.whole, { padding });
  }

  /** Look at a place, near enough to read its label. */
  centre(at: readonly number[]): void {
    const view = this.map.getView();
    view.setCenter([...at]);
    view.setResolution(Math.min(view.getResolution() ?? 2, 2));
  }

  /** The middle of what a feature covers. */
  middle(feature: Feature): [number, number] {
    return getCenter(feature.getGeometry()?.getExtent() ?? [0, 0, 0, 0]) as [number, number];
  }

  /** Mark a place; none: take the mark away. */
  markPlace(at: readonly number[] | null): void {
    this.mark.clear();
    if (at) this.mark.addFeature(new Feature(new Point([...at])));
  }

  colourBy(colours: UnitColours): void {
    this.colours = colours;
    this.redraw();
  }

  redraw(): void {
    for (const layer of Object.values(this.layers.all)) layer.changed();
  }

  substanceList(): [name: string, colour: string][] {
    return [...this.substances];
  }

  private unitColour(feature: FeatureLike): string {
    return this.colours === "kind" ? unitColour(feature) : (this.substances.get(substanceOf(feature)) ?? REST);
  }

  private clicked(at: [number, number], pixel: number[]): void {
    const found: Click = { at, lonLat: toLonLat(this.plane, at), unit: null, target: null };
    this.map.forEachFeatureAtPixel(
      pixel,
      (feature) => {
        if (feature.get("unit_id") !== undefined) found.unit ??= String(feature.get("unit_id"));
        else if (feature.get("target_id") !== undefined) found.target ??= String(feature.get("target_id"));
      },
      { layerFilter: isThing, hitTolerance: 4 },
    );
    this.handlers.at(-1)?.(found);
  }

  /** Enter asks for the middle of the map, Home shows the whole park. */
  private keyed(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    const centre = this.map.getView().getCenter();
    if (event.key === "Enter" && centre) this.clicked(centre as [number, number], this.map.getPixelFromCoordinate(centre));
    if (event.key === "Home") this.fit();
  }
}

function isThing(layer: { get(name: string): unknown }): boolean {
  return layer.get("name") === "units" || layer.get("name") === "targets";
}

const CROSS = [
  new Style({ image: new Circle({ radius: 9, stroke: new Stroke({ color: "#fff", width: 5 }) }) }),
  new Style({ image: new Circle({ radius: 9, stroke: new Stroke({ color: "#0b3d5c", width: 2.5 }) }) }),
  new Style({
    image: new RegularShape({ points: 4, radius: 13, radius2: 0, stroke: new Stroke({ color: "#0b3d5c", width: 2 }), fill: new Fill({ color: "#0b3d5c" }) }),
  }),
];
