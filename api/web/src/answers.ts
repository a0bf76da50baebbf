/** What the service answers, as far as the page reads it. */

import type { FeatureCollection, Geometry } from "geojson";

export type Permission = "read" | "ask" | "write" | "report" | "decide" | "administer";

export interface Me {
  tenant: string;
  name: string;
  role: "reader" | "officer" | "assessor" | "approver" | "admin";
  permissions: Permission[];
}

export interface Listed<T> {
  items: T[];
  next: string | null;
}

export interface ParkRow {
  id: string;
  name: string;
  version?: number;
}

export interface VersionRow {
  version: number;
  created: string;
  created_by?: string;
  source_name?: string;
  units?: number;
  digest?: string;
}

/** A park's version as the page holds it. */
export interface ParkVersion {
  id: string;
  name: string;
  version: number;
}

export interface InputProblem {
  table?: string;
  row?: number | string | null;
  column?: string | null;
  severity?: string;
  message_zh?: string;
  message_en?: string;
}

/** What is drawn of a park before it is assessed, in longitude and latitude. */
export interface ParkMap {
  crs: { name: string; proj: string };
  bbox: [west: number, south: number, east: number, north: number] | null;
  boundary: Geometry | null;
  units: FeatureCollection;
  targets: FeatureCollection;
  enterprises: FeatureCollection;
  lines: FeatureCollection;
  transport: FeatureCollection;
  people: FeatureCollection;
}

export interface Job {
  jobID: string;
  processID: string;
  /** The assessment, decision or run that it is for. */
  owner_id?: string;
  status: "accepted" | "running" | "successful" | "failed" | "dismissed";
  message?: string;
  progress?: number;
  stage?: string;
  /** Why it failed. */
  problem?: Record<string, unknown>;
  links?: { href: string; rel: string }[];
}

export interface AssessmentRow {
  id: string;
  park_id: string | null;
  version: number | null;
  status: string;
  job_id?: string | null;
  created: string;
  rules: string;
  seed: number;
}

export interface SourceRow {
  unit_id: string;
  name: string;
  enterprise_id: string;
  kind: string;
  cas: string;
  hazard_unit_id: string;
  substance_zh: string;
  substance_en: string;
  mass_t: number | null;
  q_over_Q: number | null;
  S: number | null;
  R: number | null;
  level: number | null;
  frequency: number;
  pll: number;
  pll_share: number;
  domino_out: number;
  domino_in: number;
}

export interface TargetRow {
  target_id: string;
  name: string;
  class: string;
  x: number;
  y: number;
  persons: number | null;
  individual_risk: number;
  limit: number | null;
  limit_new: number | null;
  ratio: number | null;
  status: string;
  clause: string;
  mark: string;
  top_source: string;
  top_share: number;
}

export interface EnterpriseRow {
  enterprise_id: string;
  name: string;
  status: string;
  colour: string;
  colour_worst: string;
  colour_best: string;
  missing_count: number;
  reason_zh: string;
  reason_en: string;
}

export interface FnRow {
  N: number;
  F: number;
  F_without_domino: number;
  upper: number;
  lower: number;
  zone: string;
}

export interface Grade {
  letter: string;
  bounds: [string, string];
  settled: boolean;
  score: number | null;
  score_bounds: [number, number];
  rulebook: string;
  unverified: boolean;
  reasons_zh: string[];
  reasons_en: string[];
  missing: string[];
  settled_by: { letter: string; sentence_zh: string; sentence_en: string }[];
  aspects: { aspect_zh: string; aspect_en: string; score_low: number; score_high: number; max_score: number; open: number }[];
  triggers: { letter: string; status: string; title_zh: string; title_en: string; reason_zh: string; reason_en: string; mark: string }[];
  items: {
    item: string;
    aspect_zh: string;
    aspect_en: string;
    title_zh: string;
    title_en: string;
    max_score: number;
    score_low: number;
    score_high: number;
    status: string;
    origin: string;
    missing: string[];
    mark: string;
  }[];
}

export interface RuleRow {
  rule_id: string;
  instrument_zh: string;
  instrument_en: string;
  clause: string;
  title_zh: string;
  title_en: string;
  status: string;
  why_zh: string;
  why_en: string;
  missing: string[];
  mark: string;
  unverified: boolean;
}

/** The parts of a result that the page reads; the whole of a large park is many times larger. */
export interface AssessmentResult {
  park: { name: string; crs: string; demonstration: boolean; notice_zh: string; notice_en: string };
  grade: Grade;
  enterprises: EnterpriseRow[];
  sources: SourceRow[];
  targets: TargetRow[];
  fn: FnRow[];
  pll: number;
  rules: RuleRow[];
  problems: InputProblem[];
  provenance: { version: string; rules: string; result_digest: string };
}

export interface PlaceRisk {
  places: { place: number; x: number; y: number; individual_risk: number }[];
  sources: { rank: number; unit_id: string; individual_risk: number; share: number }[];
  parts: { by: "outcome" | "weather" | "wind_from"; rank: number; part: string; individual_risk: number; share: number }[];
}

/** A value and what it was made of. */
export interface Step {
  place: string;
  label_zh: string;
  label_en: string;
  value?: unknown;
  unit?: string;
  how_zh?: string;
  how_en?: string;
  source?: string;
  mark?: string;
  inputs?: Step[];
  others?: number;
  others_sum?: number;
}
