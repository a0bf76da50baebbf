/** The plane the map is drawn in: the park's own, so that a metre is a metre and positions are those of the drawings. */

import proj4 from "proj4";
import type { Projection } from "ol/proj";
import { get, transform } from "ol/proj";
import { register } from "ol/proj/proj4";

export interface Plane {
  projection: Projection;
  /** Name of the park's coordinate system, such as EPSG:4546. */
  crs: string;
}

/** The plane of a coordinate system, from its definition as PROJ writes it: "proj=tmerc lat_0=0 ...". */
export function planeOf(crs: string, definition: string): Plane {
  proj4.defs(crs, definition.replace(/(^|\s)(?=\w)/g, "$1+"));
  register(proj4);
  const projection = get(crs);
  if (projection === null) throw new Error(`projection ${crs}`);
  return { projection, crs };
}

export function toPlane(plane: Plane, lonLat: readonly [number, number]): [number, number] {
  return transform([...lonLat], "EPSG:4326", plane.projection) as [number, number];
}

export function toLonLat(plane: Plane, at: readonly number[]): [number, number] {
  return transform([...at], plane.projection, "EPSG:4326") as [number, number];
}
