/** A gate's verdict, rule by rule. */

import type { App } from "../app";
import { button, type Child, facts, fill, h, table } from "../h";
import { plain, scientific } from "../numbers";
import { unverified, yearly } from "../parts";
import type { Decision, Figures, GateRule } from "../questions";
import { reports } from "../reports";
import { named, say, told } from "../words";

const STATUSES = ["fail", "unknown", "pass", "not_applicable"] as const;

/** Whether the verdict rests on something that nobody has verified. */
export function doubtful(decision: Decision): boolean {
  const rule = decision.rules.some((each) => each.unverified && each.status !== "not_applicable");
  return rule || decision.after.grade.unverified || decision.targets.some((each) => each.mark === "M");
}

/** The look of a verdict: green only where a project is admitted on verified grounds. */
export function tone(decision: Decision): string {
  return decision.verdict === "admit" && doubtful(decision) ? "admit-unverified" : decision.verdict;
}

export function verdict(app: App, decision: Decision, alive: AbortSignal): HTMLElement {
  return h(
    "section",
    { class: "decision" },
    h("h3", { tabindex: -1, id: "gate-result" }, `${say("gate_result")}${decision.project.name ? ` · ${decision.project.name}` : ""}`),
    h("p", { class: `verdict ${tone(decision)}`, "data-verdict": decision.verdict }, h("b", {}, named("verdict", decision.verdict)), doubtful(decision) ? h("span", {}, say("verdict_unverified")) : null),
    h("p", { class: "verdict-words" }, told(decision, "explanation")),
    h("p", {}, h("b", { class: "status" }, named("standing", decision.standing)), " ", h("span", { class: "note" }, say(`standing_note_${decision.standing}`))),
    conditions(decision),
    missing(decision),
    rules(decision.rules),
    beforeAfter(decision),
    targets(decision),
    record(decision),
    downloads(app, decision, alive),
  );
}

function conditions(decision: Decision): Child {
  if (decision.conditions.length === 0) return null;
  return [h("h3", {}, say("conditions")), h("ol", { class: "plain numbered" }, decision.conditions.map((each) => h("li", {}, h("b", { class: "status" }, named("condition", each.kind)), ` ${told(each, "text")}`)))];
}

function missing(decision: Decision): Child {
  if (decision.missing.length === 0) return null;
  const line = (each: Decision["missing"][number]) => h("li", {}, each.decides ? h("b", { class: "status unknown" }, say("decides")) : null, ` ${told(each, "label")} `, h("span", { class: "note" }, `${named("given_by", each.given_by)} · `, h("code", {}, each.item)));
  return [h("h3", {}, say("missing_evidence", { n: decision.missing.length })), h("ul", { class: "plain" }, decision.missing.map(line))];
}

/** The rules with a filter by status; those not met and unknown are shown first. */
function rules(all: GateRule[]): Child {
  const list = h("ul", { class: "rules" });
  const count = (status: string) => all.filter((rule) => rule.status === status).length;
  const buttons = (["all", ...STATUSES] as const).map((status) => {
    const label = status === "all" ? say("all") : named("status", status);
    const n = status === "all" ? all.length : count(status);
    return button(`${label} ${n}`, () => show(status), { class: `small filter ${status}`, "aria-pressed": "false", disabled: n === 0 });
  });
  const show = (status: string) => {
    buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.classList.contains(status))));
    const order = (rule: GateRule) => STATUSES.indexOf(rule.status as (typeof STATUSES)[number]);
    fill(list, all.filter((rule) => status === "all" || rule.status === status).sort((a, b) => order(a) - order(b)).map(oneRule));
  };
  show(count("fail") ? "fail" : count("unknown") ? "unknown" : "all");
  return [h("h3", {}, say("rules_by_rule", { n: all.length })), h("div", { class: "row", role: "group", "aria-label": say("filter") }, buttons), list];
}

function written(value: unknown): string {
  if (value === null || value === undefined || value === "") return say("unknown");
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  if (value === "yes" || value === "no") return say(value);
  if (typeof value !== "number") return String(value);
  return value !== 0 && Math.abs(value) < 0.001 ? scientific(value, 3) : plain(value);
}

function oneRule(rule: GateRule): HTMLElement {
  const compare = `${named("comparison", rule.comparison)} ${written(rule.limit)} ${rule.unit}`.trim();
  return h(
    "li",
    { "data-rule": rule.id, "data-status": rule.status },
    h("div", {}, h("b", { class: `status ${rule.status}` }, named("status", rule.status)), " ", h("b", {}, told(rule, "title")), " ", h("span", { class: "mark" }, named("severity", rule.severity)), rule.unverified ? unverified("M") : null),
    h("p", {}, told(rule, "why")),
    facts([
      [say("value"), rule.value === null || rule.value === "" ? say(rule.status === "not_applicable" ? "none" : "unknown") : `${written(rule.value)} ${rule.unit}`.trim()],
      [say("limit"), rule.limit === null || rule.limit === "" ? say("none") : compare],
      [say("clause"), `${told(rule, "instrument")} ${rule.clause}`],
      ...(rule.missing.length ? [[say("missing"), h("code", {}, rule.missing.join(", "))] as [Child, Child]] : []),
      ...(rule.effect && rule.effect !== "none" ? [[say("effect"), named("effect", rule.effect)] as [Child, Child]] : []),
    ]),
    h("p", { class: "note" }, h("code", {}, rule.id), ` ${rule.source ?? ""}`),
  );
}

function beforeAfter(decision: Decision): HTMLElement {
  const bounds = ({ grade }: Figures) => (grade.bounds[0] === grade.bounds[1] ? grade.letter : `${grade.letter} (${grade.bounds.join("–")})`);
  const lines: [string, (side: Figures) => string][] = [
    [say("grade"), bounds],
    [say("pll"), (side) => yearly(side.pll, 3)],
    [say("fn_zone"), (side) => named("zone", side.societal_zone)],
    [say("over_limit"), (side) => String(side.targets_over_limit)],
    [say("not_judged"), (side) => String(side.targets_unknown)],
    [say("worst_ratio"), (side) => written(side.worst_target_ratio)],
    [say("major_hazards"), (side) => Object.values(side.major_hazards).join(" / ")],
    [say("domino_pairs"), (side) => String(side.domino_pairs)],
  ];
  return table([say("figure"), say("before"), say("after")], lines.map(([label, of]) => [label, of(decision.before), of(decision.after)]), { caption: say("gate_before_after"), numeric: [1, 2] });
}

function targets(decision: Decision): HTMLElement {
  const rows = decision.targets.map((each) => [each.name, scientific(each.before, 3), scientific(each.after, 3), each.limit_new === null ? say("unknown") : scientific(each.limit_new), [h("b", { class: `status ${each.status}` }, named("status", each.status)), unverified(each.mark)]]);
  return table([say("find_targets"), say("before"), say("after"), say("limit_new"), say("judgement")], rows, { caption: say("gate_targets"), numeric: [1, 2, 3] });
}

/** What proves the decision later: its place in the audit, the digests. */
function record(decision: Decision): Child {
  return [
    h("h3", {}, say("record")),
    facts([
      [say("decision_id"), h("code", {}, decision.id)],
      ...(decision.audit ? [[say("audit_sequence"), decision.audit.sequence] as [Child, Child], [say("audit_head"), h("code", {}, decision.audit.head)] as [Child, Child]] : []),
      [say("rules_used"), decision.provenance.rules],
      [say("result_digest"), h("code", {}, decision.provenance.result_digest)],
    ]),
  ];
}

function downloads(app: App, decision: Decision, alive: AbortSignal): Child {
  const json = () => void app.client.download(`/v1/gate-decisions/${decision.id}/result`, `${decision.id}.json`).catch((error: unknown) => app.fail(error));
  return [h("h3", {}, say("report")), h("div", { class: "row" }, button(say("export_json"), json)), reports(app, `/v1/gate-decisions/${decision.id}/reports`, ["pdf", "docx"], alive)];
}
