/** Panel What-if: change the park on the map or by forms, and read its risk before and after. */

import type { App } from "../app";
import type { Job } from "../answers";
import { worked } from "../failure";
import { button, fill, h } from "../h";
import type { Panel } from "../panel";
import { ask, type Compared, thisPark } from "../questions";
import { type Schema, schemaOf } from "../schema";
import { say } from "../words";
import { type Change, draftOf, scenarioOf, withChange } from "../whatif/draft";
import { changeList, Editor, inWords } from "../whatif/editor";
import { showResult } from "../whatif/result";
import { sketch } from "../whatif/sketch";

export const panel: Panel = {
  name: "whatif",
  order: 11,
  title: "whatif",
  letter: "W",
  permission: "ask",
  needs: "park",
  mount(root, app, alive) {
    fill(root, h("p", { class: "note" }, say("loading")));
    schemaOf(app).then(
      (schema) => alive.aborted || build(root, app, schema, alive),
      (error: unknown) => app.fail(error),
    );
  },
};

function build(root: HTMLElement, app: App, schema: Schema, alive: AbortSignal): void {
  const draft = draftOf(app.park);
  const list = h("div", { "aria-live": "polite" });
  const place = h("div", {});
  const result = h("div", {});
  let showing = new AbortController();
  alive.addEventListener("abort", () => showing.abort());
  const made = (change: Change) => (renew(withChange(draft.changes, change)), app.announce(inWords(change)));
  const draw = sketch(app, (unit, at) => made({ kind: "move", unit, at }), alive);
  const editor = new Editor(app, schema, made);
  const run = button(say("whatif_run"), () => void compare(), { class: "main" });
  const reset = button(say("whatif_reset"), () => renew([]));

  const show = () => {
    showing.abort();
    showing = new AbortController();
    fill(list, changeList(draft.changes, (change) => renew(draft.changes.filter((each) => each !== change))));
    draw(draft.changes);
    run.disabled = draft.changes.length === 0;
    reset.disabled = draft.changes.length === 0;
    showResult(result, app, draft, showing.signal);
  };
  const renew = (changes: Change[]) => {
    Object.assign(draft, { changes, compared: null });
    show();
  };
  const compare = () =>
    worked(place, app, { title: say("whatif_running"), done: say("whatif_done") }, async (told: (job: Job) => void, signal: AbortSignal) => {
      const { changes } = draft;
      const began = performance.now();
      const scenario = scenarioOf(changes, say("whatif"));
      const compared = await ask<Compared>(app, "/v1/whatifs", { park: thisPark(app), scenario }, told, signal);
      if (draft.changes !== changes) return; // changed meanwhile: this is the answer to something else
      Object.assign(draft, { compared, seconds: (performance.now() - began) / 1000 });
      if (alive.aborted) return;
      show();
      result.querySelector<HTMLElement>("#whatif-result")?.focus();
    }, alive);
  app.view.onClick((click) => editor.clicked(click), alive);
  fill(root, h("p", { class: "note" }, say("whatif_help")), editor.element, h("h3", {}, say("changes")), list, h("div", { class: "row" }, run, reset), place, result);
  show();
}
