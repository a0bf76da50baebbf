/** Tables, columns and evidence as the service names them, and forms made of them. */

import type { App } from "./app";
import { h } from "./h";
import type { Row } from "./questions";
import { pick, say, told } from "./words";

export interface Column {
  name: string;
  type: "id" | "text" | "number" | "integer" | "choice" | "reference" | "substance" | "date";
  unit: string;
  required: boolean;
  default: string;
  minimum: number | null;
  maximum: number | null;
  label_zh: string;
  label_en: string;
  description: string;
  references: string;
  choices: { value: string; label_zh: string; label_en: string }[] | null;
}

export interface Evidence {
  what: "evidence" | "indicator";
  name: string;
  given_by: "project" | "park";
  label_zh: string;
  label_en: string;
  unit?: string;
  rules: { id: string; severity: string }[];
}

export interface Schema {
  rules: string;
  tables: { name: string; columns: Column[] }[];
  evidence: { park: Evidence[]; project: Evidence[] };
}

const kept = new Map<string, Promise<Schema>>();

/** The schema, with the evidence that the rules of this park ask for. */
export function schemaOf(app: App): Promise<Schema> {
  const rules = app.result?.provenance.rules ?? "";
  const known = kept.get(rules);
  if (known) return known;
  const asked = app.client.get<Schema>(`/v1/schema${rules ? `?rules=${encodeURIComponent(rules)}` : ""}`);
  kept.set(rules, asked);
  asked.catch(() => kept.delete(rules));
  return asked;
}

export function columnsOf(schema: Schema, table: string): Column[] {
  return schema.tables.find((each) => each.name === table)?.columns ?? [];
}

type Field = HTMLInputElement | HTMLSelectElement;

/** A form of one row: required columns first, the others folded. */
export class RowForm {
  readonly element: HTMLElement;
  private readonly fields = new Map<string, Field>();

  constructor(
    private readonly app: App,
    private readonly columns: Column[],
    private readonly prefix: string,
    options: { hidden?: string[]; first?: string[] } = {},
  ) {
    const shown = columns.filter((each) => !options.hidden?.includes(each.name));
    const first = shown.filter((each) => each.required || options.first?.includes(each.name));
    const rest = shown.filter((each) => !first.includes(each));
    this.element = h(
      "div",
      { class: "row-form" },
      h("div", { class: "fields" }, first.map((each) => this.field(each))),
      rest.length ? h("details", {}, h("summary", {}, say("more_columns", { n: rest.length })), h("div", { class: "fields" }, rest.map((each) => this.field(each)))) : null,
    );
  }

  set(name: string, value: string | number): void {
    const field = this.fields.get(name);
    if (field) field.value = String(value);
  }

  /** What was filled in, numbers as numbers; null, and said at the field, where that is not allowed. */
  row(): Row | null {
    for (const field of this.fields.values()) {
      if (field.validity.valid) continue;
      field.closest("details")?.setAttribute("open", "");
      field.reportValidity();
      return null;
    }
    const found: Row = {};
    for (const column of this.columns) {
      const text = this.fields.get(column.name)?.value.trim() ?? "";
      if (text !== "") found[column.name] = column.type === "number" || column.type === "integer" ? Number(text) : text;
    }
    return found;
  }

  clear(): void {
    for (const field of this.fields.values()) field.value = "";
  }

  private field(column: Column): HTMLElement {
    const id = `${this.prefix}-${column.name}`;
    const { field, more } = this.input(column, id);
    this.fields.set(column.name, field);
    const unit = column.unit && !["1", "-", "m or deg"].includes(column.unit) ? ` [${column.unit}]` : column.unit === "m or deg" ? " [m]" : "";
    return h("div", { class: "field" }, h("label", { for: id, title: column.description }, `${told(column, "label")}${unit}${column.required ? " *" : ""}`), field, more);
  }

  private input(column: Column, id: string): { field: Field; more: HTMLElement | null } {
    const required = column.required;
    if (column.choices) {
      const options = column.choices.map((each) => h("option", { value: each.value }, told(each, "label")));
      return { field: h("select", { id, required }, h("option", { value: "" }, required ? "" : say("by_default")), options), more: null };
    }
    if (column.type === "number" || column.type === "integer") {
      const step = column.type === "integer" ? 1 : "any";
      return { field: h("input", { id, type: "number", step, required, min: column.minimum, max: column.maximum }), more: null };
    }
    if (column.type === "substance") return substanceInput(this.app, id, required);
    const field = h("input", { id, required, type: column.type === "date" ? "date" : "text", autocomplete: "off" });
    if (column.references !== "enterprises.enterprise_id") return { field, more: null };
    field.setAttribute("list", `${id}-list`);
    const features = this.app.parkMap?.enterprises.features ?? [];
    const options = features.map((each) => h("option", { value: String(each.properties?.enterprise_id) }, String(each.properties?.name ?? "")));
    return { field, more: h("datalist", { id: `${id}-list` }, options) };
  }
}

interface Named {
  cas: string;
  name_zh: string;
  name_en: string;
}

/** A field for a substance: CAS number or name; the service is asked for those that fit. */
export function substanceInput(app: App, id: string, required: boolean): { field: HTMLInputElement; more: HTMLElement } {
  const list = h("datalist", { id: `${id}-list` });
  const field = h("input", { id, required, list: `${id}-list`, autocomplete: "off", placeholder: say("substance_hint") });
  let asking = new AbortController();
  field.addEventListener("input", () => {
    asking.abort();
    asking = new AbortController();
    const q = field.value.trim();
    if (!q || [...list.options].some((each) => each.value === q)) return;
    app.client.get<{ items: Named[] }>(`/v1/substances?limit=20&q=${encodeURIComponent(q)}`, asking.signal).then(
      ({ items }) => list.replaceChildren(...items.map((each) => h("option", { value: each.cas }, pick([each.name_zh, each.name_en])))),
      () => undefined, // suggestions only: what is typed is checked when it is asked
    );
  });
  return { field, more: list };
}
