/** A cascade over time: who has failed when, in which colour. */

import type { Cascade, CascadeUnit } from "../questions";

/** Classes of the probability to follow, largest first, dark to pale. */
export const CHANCES: readonly (readonly [least: number, colour: string])[] = [
  [0.5, "#7f0000"],
  [0.1, "#d7301f"],
  [0.01, "#fc8d59"],
  [0.001, "#fdcc8a"],
  [0, "#fef0d9"],
];

/** Classes of the time of failure [min], earliest first; told apart by the colour-blind too. */
export const TIMES: readonly (readonly [most: number, colour: string])[] = [
  [5, "#440154"],
  [15, "#3b528b"],
  [30, "#21918c"],
  [60, "#5ec962"],
  [Infinity, "#fde725"],
];

export function chanceColour(probability: number): string {
  return CHANCES.find(([least]) => probability >= least)?.[1] ?? "#fef0d9";
}

export function timeColour(minutes: number): string {
  return TIMES.find(([most]) => minutes <= most)?.[1] ?? "#fde725";
}

/** Units that may follow, in the order of their failure; those without a time come last. */
export function followers(cascade: Cascade): CascadeUnit[] {
  const found = cascade.units.filter((each) => each.probability > 0);
  return found.sort((a, b) => (a.time_min ?? Infinity) - (b.time_min ?? Infinity) || b.probability - a.probability);
}

/** When each unit fails (median) [min]; the first at once. Units that never fail are not there. */
export function failures(cascade: Cascade): Map<string, number> {
  const found = new Map<string, number>([[cascade.from, 0]]);
  for (const each of cascade.units) if (each.probability > 0 && each.time_min !== null) found.set(each.unit_id, each.time_min);
  return found;
}

/** The length of the clock: two hours, or longer where the cascade is. [min] */
export function span(cascade: Cascade): number {
  return Math.max(120, 10 * Math.ceil(Math.max(...failures(cascade).values()) / 10));
}
