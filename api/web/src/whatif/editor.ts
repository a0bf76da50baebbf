/** Forms of the changes of a what-if: one kind at a time. */

import type { App } from "../app";
import { button, type Child, fill, h } from "../h";
import type { Click } from "../map/view";
import { columnsOf, RowForm, type Schema, substanceInput } from "../schema";
import { type UnitField, unitField } from "../unit_field";
import { say } from "../words";
import type { Change } from "./draft";
import { rounded } from "./sketch";

const KINDS = ["move", "refill", "substance", "remove", "add", "housing"] as const;
type Kind = (typeof KINDS)[number];

interface Form {
  fields: Child;
  /** The change, or null where the form is not filled in. */
  change(): Change | null;
  /** A click on the map: a unit, or a place. */
  clicked(click: Click): void;
}

export class Editor {
  readonly element: HTMLElement;
  private readonly kind: HTMLSelectElement;
  private readonly body = h("div", {});
  private form: Form;
  private unit: string | null;

  constructor(
    private readonly app: App,
    private readonly schema: Schema,
    made: (change: Change) => void,
  ) {
    this.unit = app.unit;
    this.kind = h("select", { id: "change-kind" }, KINDS.map((each) => h("option", { value: each }, say(each === "add" ? "change_add_unit" : `change_${each}`))));
    this.form = this.formOf("move");
    this.kind.addEventListener("change", () => this.renew());
    const add = (event: Event) => {
      event.preventDefault();
      const change = this.form.change();
      if (change === null) return;
      made(change);
      this.renew();
    };
    this.element = h(
      "form",
      { class: "editor", novalidate: true, onsubmit: add as EventListener },
      h("div", { class: "field" }, h("label", { for: "change-kind" }, say("change_kind")), this.kind),
      this.body,
      h("div", { class: "row" }, h("button", { type: "submit" }, say("change_add"))),
    );
    this.renew();
  }

  clicked(click: Click): void {
    if (click.unit !== null) this.unit = click.unit;
    this.form.clicked(click);
  }

  private renew(): void {
    this.form = this.formOf(this.kind.value as Kind);
    fill(this.body, this.form.fields);
  }

  private formOf(kind: Kind): Form {
    if (kind === "add") return rowForm(this.app, this.schema, "units", "add", ["fill_fraction", "diameter_m", "height_m", "volume_m3", "mass_t", "pressure_kpa"]);
    if (kind === "housing") return rowForm(this.app, this.schema, "population", "housing", ["cell_m"]);
    const field = unitField(this.app, "change-unit", say("unit"), (unit) => (this.unit = unit));
    field.set(this.unit ?? "");
    return { ...this.unitForm(kind, field) };
  }

  private unitForm(kind: "move" | "refill" | "substance" | "remove", field: UnitField): Form {
    const click = (act: (click: Click) => void) => (found: Click) => (found.unit === null ? act(found) : field.set(found.unit));
    const unit = () => field.value() || (field.element.querySelector("input")?.reportValidity(), this.app.announce(say("unit_not_found")), "");
    const number = (id: string, label: string, attributes: Record<string, number | string> = {}) => {
      const input = h("input", { id, type: "number", step: "any", required: true, ...attributes });
      return { input, element: h("div", { class: "field" }, h("label", { for: id }, label), input) };
    };
    if (kind === "remove") return { fields: field.element, change: () => (unit() ? { kind, unit: field.value() } : null), clicked: click(() => undefined) };
    if (kind === "refill") {
      const { input, element } = number("change-value", say("fill_fraction"), { min: 0, max: 1 });
      return { fields: [field.element, element], change: () => (unit() && input.reportValidity() ? { kind, unit: field.value(), value: Number(input.value) } : null), clicked: click(() => undefined) };
    }
    if (kind === "substance") {
      const { field: input, more } = substanceInput(this.app, "change-value", true);
      const element = h("div", { class: "field" }, h("label", { for: "change-value" }, say("substance")), input, more);
      return { fields: [field.element, element], change: () => (unit() && input.reportValidity() ? { kind, unit: field.value(), value: input.value.trim() } : null), clicked: click(() => undefined) };
    }
    const x = number("change-x", "X [m]");
    const y = number("change-y", "Y [m]");
    const put = (at: readonly number[]) => ([x.input.value, y.input.value] = rounded(at).map(String) as [string, string]);
    return {
      fields: [h("p", { class: "note" }, say("move_help")), field.element, h("div", { class: "pair" }, x.element, y.element)],
      change: () => (unit() && x.input.reportValidity() && y.input.reportValidity() ? { kind, unit: field.value(), at: [Number(x.input.value), Number(y.input.value)] } : null),
      clicked: click(({ at }) => put(at)),
    };
  }
}

/** A form of a whole row that stands somewhere: a click on the map gives its place. */
function rowForm(app: App, schema: Schema, table: string, kind: "add" | "housing", first: string[]): Form {
  const hidden = kind === "housing" ? ["cell_id", "assumed"] : ["assumed"];
  const form = new RowForm(app, columnsOf(schema, table), `change-${kind}`, { hidden, first });
  return {
    fields: [h("p", { class: "note" }, say("place_help")), form.element],
    change: () => {
      const row = form.row();
      return row && { kind, row };
    },
    clicked: ({ at }) => rounded(at).forEach((value, axis) => form.set(axis === 0 ? "x" : "y", value)),
  };
}

/** A change in words. */
export function inWords(change: Change): string {
  switch (change.kind) {
    case "move":
      return say("said_move", { unit: change.unit, x: change.at[0].toFixed(1), y: change.at[1].toFixed(1) });
    case "remove":
      return say("said_remove", { unit: change.unit });
    case "refill":
      return say("said_refill", { unit: change.unit, value: change.value });
    case "substance":
      return say("said_substance", { unit: change.unit, value: change.value });
    case "add":
      return say("said_add", { unit: String(change.row.unit_id), x: String(change.row.x), y: String(change.row.y) });
    case "housing":
      return say("said_housing", { day: String(change.row.day), night: String(change.row.night), x: String(change.row.x), y: String(change.row.y) });
  }
}

/** The changes made, each with a button that takes it back. */
export function changeList(changes: Change[], undo: (change: Change) => void): HTMLElement {
  if (changes.length === 0) return h("p", { class: "note" }, say("no_changes"));
  return h(
    "ol",
    { class: "changes", "aria-label": say("changes") },
    changes.map((change) => h("li", {}, h("span", {}, inWords(change)), button(say("undo"), () => undo(change), { class: "small", "aria-label": `${say("undo")}: ${inWords(change)}` }))),
  );
}
