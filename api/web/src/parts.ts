/** Parts that several panels use: bars with shares, lists one walks with the arrow keys, numbers with their unit. */

import { type Child, h } from "./h";
import { percent, plain, scientific } from "./numbers";
import { say } from "./words";

export interface Bar {
  label: Child;
  share: number;
  value: string;
}

/** Shares of a whole, the largest first as they come. */
export function bars(rows: Bar[], caption: string): HTMLElement {
  const lines = rows.map(({ label, share, value }) => {
    const stripe = h("i", { "aria-hidden": "true" });
    stripe.style.width = `${Math.max(100 * share, 0.5)}%`;
    return h("li", {}, h("span", { class: "what" }, label), h("span", { class: "how-much" }, `${percent(share)} · ${value}`), h("span", { class: "stripe" }, stripe));
  });
  return h("ul", { class: "bars", "aria-label": caption }, lines);
}

/** A frequency or risk: 3.2×10⁻⁶ /年. */
export function yearly(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? say("unknown") : `${scientific(value, digits)} ${say("per_year")}`;
}

const UNITS: Record<string, string> = { "1": "", "-": "", degC: "°C", m2: "m²", m3: "m³", "kg/m3": "kg/m³", "kW/m2": "kW/m²", "kPa(g)": "kPa (g)" };

/** A value of the engine with its unit; no value is said to be unknown. */
export function measured(value: unknown, unit = "", digits = 4): string {
  if (value === null || value === undefined || value === "") return say("unknown");
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  if (typeof value !== "number") return String(value);
  if (unit === "1/yr") return yearly(value, Math.min(digits, 3));
  return `${plain(value, digits)} ${UNITS[unit] ?? unit}`.trim();
}

/** Let the arrow keys move through the buttons of a list; Home and End go to its ends. */
export function walkable(list: HTMLElement): HTMLElement {
  list.addEventListener("keydown", (event) => {
    const all = [...list.querySelectorAll<HTMLElement>("button")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    const next = all[to[event.key] ?? -1];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  });
  return list;
}

/** A sign that a value rests on an unverified rule or source. */
export function unverified(mark: string | undefined): HTMLElement | null {
  return mark === "M" ? h("span", { class: "mark" }, say("unverified")) : null;
}
