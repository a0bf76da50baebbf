/** Starting an assessment: with the rules and the seed that the park and the service have, or with others. */

import type { App, Method } from "./app";
import type { Listed } from "./answers";
import { button, fill, h } from "./h";
import { progressBar } from "./progress";
import { say, told } from "./words";

interface RuleSet {
  id: string;
  title_zh: string;
  title_en: string;
}

/** The button, the settings for those who want others, and the progress. */
export function assessing(app: App, label: "assess" | "assess_again", alive: AbortSignal): HTMLElement {
  const place = h("div", {});
  const rules = h("select", { id: "assess-rules" }, h("option", { value: "" }, say("rules_of_park")));
  const seed = h("input", { id: "assess-seed", type: "number", min: 0, step: 1, value: 0, inputmode: "numeric", "aria-describedby": "assess-seed-help" });
  const start = () => {
    if (!seed.checkValidity() || seed.value === "") return app.announce(say("seed_wrong")), seed.focus();
    const method: Method = { seed: Number(seed.value), ...(rules.value ? { rules: rules.value } : {}) };
    void progressBar(place, app, say("assessing"), (heard, signal) => app.assess(method, heard, signal), say("assessed"), alive);
  };
  const advanced = h(
    "details",
    { class: "advanced" },
    h("summary", {}, say("advanced")),
    h("div", { class: "pair" }, h("div", {}, h("label", { for: rules.id }, say("rules_used")), rules), h("div", {}, h("label", { for: seed.id }, say("seed")), seed)),
    h("p", { class: "note", id: "assess-seed-help" }, say("seed_help")),
  );
  advanced.addEventListener("toggle", () => void ruleSets(app, rules, alive), { once: true });
  return h("div", {}, h("div", { class: "row" }, button(say(label), start, { class: label === "assess" ? "main" : null, id: "assess" })), advanced, place);
}

/** Fill in the shipped rule sets. */
async function ruleSets(app: App, root: HTMLSelectElement, alive: AbortSignal): Promise<void> {
  try {
    const { sets } = await app.client.get<Listed<unknown> & { sets: RuleSet[] }>("/v1/rulebooks", alive);
    fill(root, h("option", { value: "" }, say("rules_of_park")), sets.map((set) => h("option", { value: set.id }, `${told(set, "title")} · ${set.id}`)));
  } catch (error) {
    app.fail(error);
  }
}
