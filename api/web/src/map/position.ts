/** Where the pointer is: longitude and latitude, and the park's own coordinates. */

import type { App } from "../app";
import { fill, h } from "../h";
import { lonLat } from "../numbers";
import { say } from "../words";
import { type Plane, toLonLat } from "./plane";

/** A place in both coordinate systems, a line each. */
export function written(at: readonly number[], plane: Plane): string[] {
  const [lon, lat] = toLonLat(plane, at);
  return [lonLat(lon, lat), `${plane.crs}  ${at[0]?.toFixed(1)}, ${at[1]?.toFixed(1)}`];
}

export function position(app: App): HTMLElement {
  const element = h("div", { class: "position", "aria-label": say("position") });
  app.view.map.on("pointermove", (event) => {
    if (app.park) fill(element, written(event.coordinate, app.view.plane).map((line) => h("div", {}, line)));
  });
  return element;
}
