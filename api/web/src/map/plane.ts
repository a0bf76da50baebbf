/** The plane the map is drawn in: the park's own, so that a metre is a metre and positions are those of the drawings. */

import proj4 from "proj4";
import type { Projection } from "ol/proj";
import { get, transform } from "ol/proj";
import { register } from "ol/proj/proj4";

export interface Plane {
  projection: Projection;
  /** Name of the park's coordinate system; null where the plane is only a local one. */
  crs: string | null;
}

type Bbox = readonly [number, number, number, number];

/** The plane of a park; a local one around its middle where its coordinate system is not one of those below. */
export function planeOf(crs: string, bbox: Bbox): Plane {
  const known = definition(crs);
  const middle = `+proj=tmerc +lat_0=${(bbox[1] + bbox[3]) / 2} +lon_0=${(bbox[0] + bbox[2]) / 2} +ellps=GRS80 +units=m`;
  const code = known === null ? `LOCAL:${bbox.join()}` : crs;
  proj4.defs(code, known ?? middle);
  register(proj4);
  const projection = get(code);
  if (projection === null) throw new Error(`projection ${code}`);
  return { projection, crs: known === null ? null : crs };
}

/** What proj4 needs of an EPSG code: Gauss-Krüger zones of CGCS2000, UTM zones of WGS 84. */
export function definition(crs: string): string | null {
  const code = Number(/^EPSG:(\d+)$/.exec(crs)?.[1]);
  const zones: [first: number, count: number, width: number, zone: number | null][] = [
    [4491, 11, 6, 13],
    [4502, 11, 6, null],
    [4513, 21, 3, 25],
    [4534, 21, 3, null],
  ];
  for (const [first, count, width, zone] of zones) {
    const at = code - first;
    if (at >= 0 && at < count) {
      const east = 500_000 + (zone === null ? 0 : (zone + at) * 1_000_000);
      return `+proj=tmerc +lat_0=0 +lon_0=${75 + width * at} +k=1 +x_0=${east} +y_0=0 +ellps=GRS80 +units=m +no_defs`;
    }
  }
  const utm = /^EPSG:32([67])(\d\d)$/.exec(crs);
  return utm ? `+proj=utm +zone=${Number(utm[2])}${utm[1] === "7" ? " +south" : ""} +datum=WGS84 +units=m +no_defs` : null;
}

export function toPlane(plane: Plane, lonLat: readonly [number, number]): [number, number] {
  return transform([...lonLat], "EPSG:4326", plane.projection) as [number, number];
}

export function toLonLat(plane: Plane, at: readonly number[]): [number, number] {
  return transform([...at], plane.projection, "EPSG:4326") as [number, number];
}
