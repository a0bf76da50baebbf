/** Panel Gate: may this project come into the park? The verdict, and every rule behind it. */

import type { App } from "../app";
import { worked } from "../failure";
import { ProjectChoice, takeProposal } from "../gate/project_choice";
import { verdict } from "../gate/verdict";
import { button, fill, h } from "../h";
import type { Panel } from "../panel";
import { ask, type Decision, thisPark } from "../questions";
import { say } from "../words";

/** What was decided last on a version of a park, while the page lives. */
const decided = new Map<string, Decision>();

export const panel: Panel = {
  name: "gate",
  order: 12,
  title: "gate",
  letter: "E",
  permission: "ask",
  needs: "park",
  mount(root, app, alive) {
    const choice = new ProjectChoice(app, "gate-project", alive);
    const place = h("div", {});
    const result = h("div", {});
    const search = h("input", { type: "checkbox", id: "gate-search", checked: true });
    const run = button(say("gate_run"), () => void decide(app, choice, { place, result, search: search.checked }, alive), { class: "main" });
    const kept = decided.get(keyOf(app));
    fill(root, h("p", { class: "note" }, say("gate_help")), choice.element, h("div", { class: "row" }, h("label", { for: search.id, class: "check" }, search, say("gate_search"))), h("div", { class: "row" }, run), place, result);
    if (kept) fill(result, verdict(app, kept, alive));
    app.view.onClick((click) => choice.clicked(click), alive);
    choice.load().then(
      () => takeProposal(app) && run.click(),
      (error: unknown) => app.fail(error),
    );
  },
};

function keyOf(app: App): string {
  return `${app.park?.id}/${app.park?.version}`;
}

async function decide(app: App, choice: ProjectChoice, shown: { place: HTMLElement; result: HTMLElement; search: boolean }, alive: AbortSignal): Promise<void> {
  const chosen = choice.chosen();
  if (chosen === null) return app.announce(say("form_incomplete"));
  const key = keyOf(app);
  fill(shown.result);
  await worked(shown.place, app, { title: say("gate_running"), done: say("gate_done") }, async (told, signal) => {
    const decision = await ask<Decision>(app, "/v1/gate-decisions", { park: thisPark(app), project: chosen.asked, search: shown.search }, told, signal);
    decided.set(key, decision);
    if (alive.aborted) return;
    fill(shown.result, verdict(app, decision, alive));
    shown.result.querySelector<HTMLElement>("#gate-result")?.focus();
  }, alive);
}
