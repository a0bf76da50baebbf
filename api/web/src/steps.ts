/** Where a number comes from, as a tree that opens step by step. */

import type { App } from "./app";
import type { Step } from "./answers";
import { button, fill, h } from "./h";
import { measured, unverified } from "./parts";
import { say, told } from "./words";

/** One step with those below it; the first is open. */
export function steps(step: Step, open = true): HTMLElement {
  const line = [h("span", { class: "what" }, told(step, "label")), " ", step.value === undefined || step.value === null ? null : h("b", {}, measured(step.value, step.unit)), unverified(step.mark)];
  const rest = step.others ? h("p", { class: "note" }, `${say("others", { n: step.others })}${step.others_sum === undefined ? "" : ` ${measured(step.others_sum, step.unit)}`}`) : null;
  const more = [
    told(step, "how") ? h("p", {}, told(step, "how")) : null,
    step.source ? h("p", { class: "note" }, `${say("source")}: ${step.source}`) : null,
    h("p", { class: "note" }, h("code", {}, step.place)),
  ];
  return h("details", { class: "step", open }, h("summary", {}, line), h("div", {}, more, (step.inputs ?? []).map((each) => steps(each, false)), rest));
}

/** A button that asks where a cell of a result comes from, and shows the answer in `root`. */
export function traceButton(app: App, root: HTMLElement, cell: { table: string; key: string; column: string; label: string }, alive: AbortSignal): HTMLElement {
  const act = async () => {
    fill(root, h("p", { class: "note" }, say("loading")));
    const { table, key, column } = cell;
    try {
      const query = new URLSearchParams({ table, key, column });
      const found = await app.client.get<Step>(`/v1/assessments/${app.assessment?.id}/trace?${query}`, alive);
      const heading = h("h3", { tabindex: -1 }, say("trace_of", { name: cell.label }));
      fill(root, heading, steps(found));
      heading.focus({ preventScroll: true });
      heading.scrollIntoView({ block: "start" });
    } catch (error) {
      fill(root);
      app.fail(error);
    }
  };
  return button(say("trace"), () => void act(), { class: "small", "aria-label": say("trace_of", { name: cell.label }) });
}
