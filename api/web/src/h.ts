/** Build elements: `h("p", { class: "note" }, "text", child)`. */

export type Child = Node | string | number | null | undefined | false | Child[];

type Attributes = Record<string, string | number | boolean | null | undefined | EventListener>;

/** Make an element; attributes that are functions become listeners, `true` is an empty attribute, null and false none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/** Replace what an element holds. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** Change what an element holds, and keep the focus in it: on what has the same id afterwards, else on the element itself. */
export function keepingFocus(element: HTMLElement, change: () => void): void {
  const before = document.activeElement;
  const within = before !== null && before !== element && element.contains(before);
  change();
  if (!within || before.isConnected) return;
  const same = before.id ? document.getElementById(before.id) : null;
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  (same ?? element).focus({ preventScroll: true });
}

/** A button that does something. */
export function button(label: Child, act: (event: Event) => void, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", onclick: act as EventListener, ...attributes }, label);
}

/** Rows of a description: terms and what stands against them. */
export function facts(rows: [Child, Child][]): HTMLElement {
  return h("dl", { class: "facts" }, ...rows.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]));
}

/** A table with a heading row; cells of `numeric` columns stand right. */
export function table(head: string[], rows: Child[][], options: { caption?: string; numeric?: number[] } = {}): HTMLElement {
  const cls = (column: number) => ({ class: options.numeric?.includes(column) ? "number" : null });
  return h(
    "div",
    { class: "table", tabindex: 0, role: "region", "aria-label": options.caption ?? head.join(" ") },
    h(
      "table",
      {},
      options.caption ? h("caption", {}, options.caption) : null,
      h("thead", {}, h("tr", {}, ...head.map((text, column) => h("th", { scope: "col", ...cls(column) }, text)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell, column) => h("td", cls(column), cell))))),
    ),
  );
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child instanceof Node) element.append(child);
    else if (child !== null && child !== undefined && child !== false) element.append(String(child));
  }
}
