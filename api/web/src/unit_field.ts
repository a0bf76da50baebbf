/** A field that takes one of the park's units: by its id, found by any part of id or name. */

import type { App } from "./app";
import { h } from "./h";
import { named, say } from "./words";

export interface UnitField {
  element: HTMLElement;
  /** The unit named, "" while there is none such. */
  value(): string;
  set(unit: string): void;
}

/** Ids of the units on the map. */
export function unitIds(app: App): string[] {
  return app.view.layers.features("units").map((each) => String(each.get("unit_id")));
}

export function unitField(app: App, id: string, label: string, chosen: (unit: string) => void = () => undefined): UnitField {
  const ids = new Set(unitIds(app));
  const options = app.view.layers.features("units").map((each) => h("option", { value: String(each.get("unit_id")) }, `${each.get("name") ?? ""} · ${named("kind", String(each.get("kind")))}`));
  const field = h("input", { id, list: `${id}-list`, autocomplete: "off", placeholder: say("unit_hint") });
  const value = () => (ids.has(field.value.trim()) ? field.value.trim() : "");
  field.addEventListener("change", () => {
    field.setCustomValidity(value() ? "" : say("unit_not_found"));
    if (value()) chosen(value());
    else field.reportValidity();
  });
  const set = (unit: string) => ((field.value = unit), field.setCustomValidity(""));
  return { element: h("div", { class: "field" }, h("label", { for: id }, label), field, h("datalist", { id: `${id}-list` }, options)), value, set };
}
