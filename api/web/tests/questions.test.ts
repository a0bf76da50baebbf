import { expect, test } from "vitest";

import { chanceColour, CHANCES, failures, followers, span, timeColour, TIMES } from "../src/cascade/times";
import { canMove, movedTo } from "../src/gate/moving";
import type { Cascade, CascadeUnit } from "../src/questions";
import { type Change, scenarioOf, withChange } from "../src/whatif/draft";

function unit(unit_id: string, probability: number, time_min: number | null): CascadeUnit {
  return { unit_id, probability, standard_error: 0, order: 1, time_p10_min: time_min, time_min, time_p90_min: time_min, cross_enterprise: false };
}

const CASCADE: Cascade = { from: "a", units: [unit("late", 0.2, 131), unit("soon", 0.1, 3), unit("timeless", 0.3, null), unit("never", 0, null)], chains: [], edges: [] };

test("units follow in the order of their failure, those without a time last, those that never fail not at all", () => {
  expect(followers(CASCADE).map((each) => each.unit_id)).toEqual(["soon", "late", "timeless"]);
  expect([...failures(CASCADE)]).toEqual([["a", 0], ["late", 131], ["soon", 3]]);
});

test("the clock runs two hours, longer where the cascade does", () => {
  expect(span({ ...CASCADE, units: [] })).toBe(120);
  expect(span(CASCADE)).toBe(140);
});

test("colours of chances and times change at the limits of the legend only", () => {
  for (const [least, colour] of CHANCES) expect(chanceColour(least)).toBe(colour);
  for (const [most, colour] of TIMES) expect(timeColour(most)).toBe(colour);
  expect(chanceColour(0.4999)).not.toBe(chanceColour(0.5));
  expect(timeColour(5.001)).not.toBe(timeColour(5));
});

test("a later change of a unit takes the place of an earlier one of its kind", () => {
  const changes: Change[] = [{ kind: "move", unit: "a", at: [1, 2] }, { kind: "refill", unit: "a", value: 0.5 }, { kind: "move", unit: "a", at: [3, 4] }, { kind: "move", unit: "b", at: [5, 6] }];
  const kept = changes.reduce<Change[]>(withChange, []);
  expect(scenarioOf(kept, "n")).toEqual({ name: "n", refill: { a: 0.5 }, move: { a: [3, 4], b: [5, 6] } });
});

test("added units with one id are one; every new housing stays", () => {
  const changes: Change[] = [{ kind: "add", row: { unit_id: "x", x: 1 } }, { kind: "add", row: { unit_id: "x", x: 2 } }, { kind: "housing", row: { day: 1 } }, { kind: "housing", row: { day: 1 } }, { kind: "remove", unit: "y" }];
  const kept = changes.reduce<Change[]>(withChange, []);
  expect(scenarioOf(kept, "n")).toEqual({ name: "n", add: { units: [{ unit_id: "x", x: 2 }] }, housing: [{ day: 1 }, { day: 1 }], remove: ["y"] });
});

test("a project moves as a whole, and only in the park's own plane", () => {
  const project = { project: { name: "p" }, units: [{ unit_id: "a", x: 0, y: 10 }, { unit_id: "b", x: 4, y: 20 }] };
  expect(movedTo(project, [102, 215]).units).toEqual([{ unit_id: "a", x: 100, y: 210 }, { unit_id: "b", x: 104, y: 220 }]);
  expect(project.units[0]).toEqual({ unit_id: "a", x: 0, y: 10 });
  expect(canMove(project)).toBe(true);
  expect(canMove({ ...project, project: { crs: "EPSG:4326" } })).toBe(false);
  expect(canMove({ project: {}, units: [] })).toBe(false);
});
