/** A project filled in by hand: what it is, its units, its evidence. */

import type { App } from "../app";
import { button, fill, h } from "../h";
import type { Click } from "../map/view";
import type { Document, Row } from "../questions";
import { columnsOf, type Evidence, RowForm, type Schema } from "../schema";
import { say, told } from "../words";
import { rounded } from "../whatif/sketch";

const HIDDEN = ["crs", "planar_crs", "datum", "notice_zh", "notice_en"];
const FIRST = ["fill_fraction", "diameter_m", "height_m", "volume_m3", "mass_t", "pressure_kpa", "hazard_unit_id"];

export class ProjectForm {
  readonly element: HTMLElement;
  private readonly project: RowForm;
  private readonly unit: RowForm;
  private readonly units: Row[] = [];
  private readonly list = h("div", { "aria-live": "polite" });
  private readonly evidence: EvidenceForm;

  constructor(app: App, schema: Schema) {
    this.project = new RowForm(app, columnsOf(schema, "project"), "project", { hidden: HIDDEN, first: ["nature", "enterprise", "date"] });
    this.unit = new RowForm(app, columnsOf(schema, "units"), "project-unit", { hidden: ["assumed"], first: FIRST });
    this.unit.set("status", "proposed");
    this.evidence = new EvidenceForm(schema);
    this.element = h(
      "div",
      { class: "project-form" },
      h("fieldset", {}, h("legend", {}, say("project")), this.project.element),
      h("fieldset", {}, h("legend", {}, say("project_units")), this.list, h("p", { class: "note" }, say("place_help")), this.unit.element, h("div", { class: "row" }, button(say("project_unit_add"), () => this.add()))),
      this.evidence.element,
    );
    this.renew();
  }

  /** A click on the map gives the place of the unit that is being filled in. */
  clicked({ at }: Click): void {
    rounded(at).forEach((value, axis) => this.unit.set(axis === 0 ? "x" : "y", value));
  }

  /** The project as the service takes it; null, and said at the field, where it is not filled in. */
  document(): Document | null {
    const project = this.project.row();
    if (project === null) return null;
    if (this.units.length === 0 && !this.add()) return null;
    return { project, units: this.units, ...this.evidence.tables() };
  }

  private add(): boolean {
    const row = this.unit.row();
    if (row === null) return false;
    this.units.push(row);
    this.unit.clear();
    this.unit.set("status", "proposed");
    this.renew();
    return true;
  }

  private renew(): void {
    const drop = (row: Row) => (this.units.splice(this.units.indexOf(row), 1), this.renew());
    const lines = this.units.map((row) => h("li", {}, h("span", {}, `${row.unit_id} · ${row.substance} · ${row.x}, ${row.y}`), button(say("remove"), () => drop(row), { class: "small", "aria-label": `${say("remove")} ${row.unit_id}` })));
    fill(this.list, lines.length ? h("ol", { class: "changes" }, lines) : null);
  }
}

/** Answers and figures that the rules ask of the project; what is left open stays unknown. */
class EvidenceForm {
  readonly element: HTMLElement;
  private readonly fields: { item: Evidence; value: HTMLInputElement | HTMLSelectElement; document: HTMLInputElement; date: HTMLInputElement }[] = [];

  constructor(private readonly schema: Schema) {
    const asked = schema.evidence.project.filter((each) => each.given_by === "project");
    const choices = columnsOf(schema, "answers").find((each) => each.name === "answer")?.choices?.filter((each) => each.value !== "score") ?? [];
    const lines = asked.map((item) => {
      const id = `evidence-${item.name}`;
      const value = item.what === "indicator" ? h("input", { id, type: "number", step: "any" }) : h("select", { id }, h("option", { value: "" }, say("unknown")), choices.map((each) => h("option", { value: each.value }, told(each, "label"))));
      const document = h("input", { type: "text", "aria-label": `${say("document")}: ${told(item, "label")}`, placeholder: say("document"), autocomplete: "off" });
      const date = h("input", { type: "date", "aria-label": `${say("date")}: ${told(item, "label")}` });
      this.fields.push({ item, value, document, date });
      const gate = item.rules.some((rule) => rule.severity === "gate");
      return h("li", {}, h("label", { for: id }, told(item, "label"), item.unit ? ` [${item.unit}]` : "", gate ? h("span", { class: "mark" }, say("severity_gate")) : null), h("div", { class: "proof" }, value, document, date));
    });
    this.element = h("details", { class: "group" }, h("summary", {}, say("evidence_count", { n: asked.length })), h("p", { class: "note" }, say("evidence_note")), h("ul", { class: "evidence" }, lines));
  }

  tables(): { answers?: Row[]; indicators?: Row[] } {
    const filled = this.fields.filter(({ value }) => value.value !== "");
    const proof = (field: (typeof filled)[number]): Row => ({ ...(field.document.value ? { document: field.document.value } : {}), ...(field.date.value ? { date: field.date.value } : {}) });
    const answers = filled.filter(({ item }) => item.what === "evidence").map((field) => ({ rulebook: this.schema.rules, item: field.item.name, answer: field.value.value, ...proof(field) }));
    const indicators = filled.filter(({ item }) => item.what === "indicator").map((field) => ({ name: field.item.name, value: Number(field.value.value), ...(field.item.unit ? { unit: field.item.unit } : {}), ...proof(field) }));
    return { ...(answers.length ? { answers } : {}), ...(indicators.length ? { indicators } : {}) };
  }
}
