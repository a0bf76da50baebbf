/** A project at another place: its units as a whole, their middle at the new one. */

import type { Document, Row } from "../questions";

/** Whether the project's coordinates are those of the park's plane, so that it can be moved here. */
export function canMove(document: Document): boolean {
  const crs = (document.project as Row | undefined)?.crs;
  return !crs && Array.isArray(document.units) && document.units.length > 0;
}

/** The same project with the mean of the places of its units at `to`. */
export function movedTo(document: Document, to: readonly [number, number]): Document {
  const units = document.units as Row[];
  const mean = (axis: "x" | "y") => units.reduce((sum, unit) => sum + Number(unit[axis]), 0) / units.length;
  const [dx, dy] = [to[0] - mean("x"), to[1] - mean("y")];
  return { ...document, units: units.map((unit) => ({ ...unit, x: Number(unit.x) + dx, y: Number(unit.y) + dy })) };
}
