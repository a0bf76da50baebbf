/** Panel Grade: the letter, its bounds, the reasons, and the evidence that is missing. */

import type { Grade, RuleRow } from "../answers";
import { type Child, facts, fill, h } from "../h";
import type { Panel } from "../panel";
import { unverified } from "../parts";
import { named, say, told, toldAll } from "../words";

export const panel: Panel = {
  name: "grade",
  order: 6,
  title: "grade",
  letter: "G",
  permission: "read",
  needs: "assessment",
  mount(root, app) {
    const result = app.result;
    if (result) fill(root, head(result.grade), missing(result.grade), aspects(result.grade), triggers(result.grade), rules(result.rules));
  },
};

function range(low: number, high: number): string {
  return low === high ? `${low}` : `${low}–${high}`;
}

function head(grade: Grade): Child {
  const [best, worst] = grade.bounds;
  return [
    h(
      "div",
      { class: "letter-row" },
      h("b", { class: `big grade-${grade.letter}`, "aria-label": `${say("grade")} ${grade.letter}` }, grade.letter),
      h("div", {}, h("p", {}, h("b", {}, named("grade_name", grade.letter))), best === worst ? null : h("p", {}, say("bounds", { best, worst })), grade.unverified ? h("p", {}, unverified("M"), say("grade_unverified")) : null),
    ),
    facts([[say("score"), range(grade.score_bounds[0], grade.score_bounds[1])], [say("rules_used"), grade.rulebook]]),
    h("h3", {}, say("reasons")),
    h("ul", { class: "plain" }, toldAll(grade, "reasons").map((text) => h("li", {}, text))),
  ];
}

function missing(grade: Grade): Child {
  const open = grade.items.filter((item) => item.status === "open");
  const settled = grade.settled_by.map((each) => h("li", {}, told(each, "sentence")));
  if (open.length === 0 && grade.missing.length === 0) return null;
  return [
    h("h3", {}, say("missing_evidence", { n: grade.missing.length })),
    h("ul", { class: "plain" }, open.map((item) => h("li", {}, h("b", {}, item.item), ` ${told(item, "title")} `, h("span", { class: "note" }, say("points_open", { n: Number((item.score_high - item.score_low).toFixed(2)) }), " ", h("code", {}, item.missing.join(", ")))))),
    settled.length ? [h("h3", {}, say("settled_by")), h("ul", { class: "plain" }, settled)] : null,
  ];
}

/** Score of each aspect: what is sure, what is still open. */
function aspects(grade: Grade): Child {
  const rows = grade.aspects.map((row) => {
    const sure = h("i", { class: "sure" });
    const open = h("i", { class: "open" });
    sure.style.width = `${(100 * row.score_low) / row.max_score}%`;
    open.style.width = `${(100 * (row.score_high - row.score_low)) / row.max_score}%`;
    const value = `${range(row.score_low, row.score_high)} / ${row.max_score}`;
    return h("li", {}, h("span", { class: "what" }, told(row, "aspect")), h("span", { class: "how-much" }, value), h("span", { class: "stripe", "aria-hidden": "true" }, sure, open));
  });
  return [h("h3", {}, say("aspects")), h("ul", { class: "bars" }, rows), h("p", { class: "note" }, say("aspects_note"))];
}

function triggers(grade: Grade): Child {
  const rows = grade.triggers.map((row) => h("li", {}, h("b", { class: `status ${row.status}` }, named("status", row.status)), ` ${told(row, "title")}`, unverified(row.mark)));
  return [h("h3", {}, say("triggers")), h("ul", { class: "plain" }, rows)];
}

/** The rules checked on the way, those not met and the unknown ones first. */
function rules(all: RuleRow[]): Child {
  const groups = ["fail", "unknown", "pass", "not_applicable"].map((status) => {
    const rows = all.filter((rule) => rule.status === status);
    if (rows.length === 0) return null;
    return h("details", { class: "group" }, h("summary", {}, h("b", { class: `status ${status}` }, named("status", status)), ` ${rows.length}`), h("ul", { class: "plain" }, rows.map(rule)));
  });
  return [h("h3", {}, say("rules")), groups];
}

function rule(row: RuleRow): HTMLElement {
  return h(
    "li",
    {},
    h("b", {}, told(row, "title")),
    row.unverified ? unverified("M") : null,
    h("p", {}, told(row, "why")),
    h("p", { class: "note" }, `${told(row, "instrument")} · ${row.clause}`),
    row.missing.length ? h("p", { class: "note" }, `${say("missing")}: `, h("code", {}, row.missing.join(", "))) : null,
  );
}
