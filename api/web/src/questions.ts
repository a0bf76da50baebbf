/** Questions about a park and what the service answers to them: cascade, what-if, gate, siting. */

import type { App } from "./app";
import type { FnRow, Grade, Job, RuleRow } from "./answers";
import { outcome } from "./jobs";

export type Row = Record<string, string | number>;

/** A project or park as the service takes it: `{"project": {...}, "units": [...]}`. */
export type Document = Record<string, unknown>;

export interface CascadeUnit {
  unit_id: string;
  probability: number;
  standard_error: number;
  order: number;
  time_p10_min: number | null;
  time_min: number | null;
  time_p90_min: number | null;
  cross_enterprise: boolean;
}

export interface Cascade {
  from: string;
  units: CascadeUnit[];
  chains: { order: number; units: string; time_min: number | null; times_min: string; probability: number }[];
  edges: { from_unit: string; to_unit: string; probability: number }[];
}

export interface Compared {
  id: string;
  notes: { message_zh: string; message_en: string }[];
  figures: { figure: string; label_zh: string; label_en: string; before: string | number | null; after: string | number | null; difference: number | null }[];
  targets: { target_id: string; name: string; before: number | null; after: number | null; difference: number | null; status_before: string; status_after: string }[];
  units: { unit_id: string; name: string; change: string; before: number; after: number; difference: number }[];
}

/** Both F-N curves of a what-if, file `fn.json` of its run. */
export interface BothCurves {
  before: FnRow[];
  after: FnRow[];
}

export interface GateRule extends Omit<RuleRow, "rule_id"> {
  id: string;
  severity: string;
  value: unknown;
  comparison: string;
  limit: unknown;
  unit: string;
  effect: string;
  source?: string;
}

export interface Figures {
  grade: Omit<Grade, "items">;
  pll: number;
  societal_zone: string;
  targets_over_limit: number;
  targets_unknown: number;
  worst_target_ratio: number | null;
  major_hazards: Record<string, number>;
  domino_pairs: number;
}

export interface Decision {
  id: string;
  standing: "decision" | "trial";
  audit?: { sequence: number; head: string };
  verdict: "admit" | "admit_with_conditions" | "undecided" | "refuse";
  explanation_zh: string;
  explanation_en: string;
  project: { name: string; code: string };
  rules: GateRule[];
  before: Figures;
  after: Figures;
  targets: { target_id: string; name: string; before: number; after: number; added: number; limit_new: number | null; ratio: number | null; status: string; mark: string }[];
  conditions: { kind: string; text_zh: string; text_en: string; missing?: string[] }[];
  missing: { item: string; given_by: string; label_zh: string; label_en: string; decides: boolean }[];
  provenance: { rules: string; result_digest: string };
}

export interface Siting {
  id: string;
  cells: Record<string, number>;
  best: { x: number; y: number; verdict: string; room: number; binding: string; target_id: string }[];
  elsewhere: string;
  unknown: string[];
  own_place: string;
  left_out: { zh: string; en: string }[];
  method: { cell_m: number; judged_cells: number };
}

/** Ask; the answer comes at once or by a job, whose progress `told` hears. */
export async function ask<T>(app: App, path: string, json: unknown, told: (job: Job) => void, signal: AbortSignal): Promise<T> {
  return outcome<T>(app.client, await app.client.ask(path, { method: "POST", json }), { progress: told, signal });
}

/** The shown version of the park, as a question names it. */
export function thisPark(app: App): { park_id: string; version: number } {
  return { park_id: app.park?.id ?? "", version: app.park?.version ?? 1 };
}
