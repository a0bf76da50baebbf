/** The changes of a what-if that were made so far, and the scenario that they make. */

import type { Compared, Document, Row } from "../questions";

export type Change =
  | { kind: "move"; unit: string; at: [number, number] }
  | { kind: "remove"; unit: string }
  | { kind: "refill"; unit: string; value: number }
  | { kind: "substance"; unit: string; value: string }
  | { kind: "add"; row: Row }
  | { kind: "housing"; row: Row };

export interface Draft {
  changes: Change[];
  /** The answer to these changes, and how long it took. */
  compared: Compared | null;
  seconds: number;
}

const drafts = new Map<string, Draft>();

/** The draft of a version of a park; it lives as long as the page. */
export function draftOf(park: { id: string; version: number } | null): Draft {
  const key = `${park?.id}/${park?.version}`;
  const found = drafts.get(key) ?? { changes: [], compared: null, seconds: 0 };
  drafts.set(key, found);
  return found;
}

/** Add a change; an earlier one of the same kind to the same unit, or a row of the same id, gives way. */
export function withChange(changes: Change[], change: Change): Change[] {
  const same = (other: Change) =>
    other.kind === change.kind && ("unit" in other && "unit" in change ? other.unit === change.unit : "row" in other && "row" in change && other.kind === "add" && other.row.unit_id === change.row.unit_id);
  return [...changes.filter((each) => !same(each)), change];
}

/** What the service takes as a scenario. */
export function scenarioOf(changes: Change[], name: string): Document {
  const of = <K extends Change["kind"]>(kind: K) => changes.filter((each): each is Extract<Change, { kind: K }> => each.kind === kind);
  const table = (entries: [string, unknown][]) => (entries.length ? Object.fromEntries(entries) : undefined);
  const rows = of("add").map((each) => each.row);
  const housing = of("housing").map((each) => each.row);
  const removed = of("remove").map((each) => each.unit);
  const parts = {
    move: table(of("move").map((each) => [each.unit, each.at])),
    refill: table(of("refill").map((each) => [each.unit, each.value])),
    substance: table(of("substance").map((each) => [each.unit, each.value])),
    remove: removed.length ? removed : undefined,
    add: rows.length ? { units: rows } : undefined,
    housing: housing.length ? housing : undefined,
  };
  return { name, ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) };
}
