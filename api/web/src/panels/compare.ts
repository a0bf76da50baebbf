/** Panel Compare: the assessment shown against that of another version of the park. */

import type { App } from "../app";
import type { AssessmentResult, AssessmentRow } from "../answers";
import { type Child, fill, h, table } from "../h";
import { clock } from "../numbers";
import type { Panel } from "../panel";
import { yearly } from "../parts";
import { named, say } from "../words";

export const panel: Panel = {
  name: "compare",
  order: 7.5,
  title: "compare",
  letter: "V",
  permission: "read",
  needs: "assessment",
  mount(root, app, alive) {
    void choice(root, app, alive).catch((error: unknown) => app.fail(error));
  },
};

/** The latest assessment of every other version, to choose from. */
async function choice(root: HTMLElement, app: App, alive: AbortSignal): Promise<void> {
  const park = app.park;
  if (!park) return;
  const versions = new Map<number, AssessmentRow>();
  for (const row of await app.assessmentsOf(park.id, alive)) {
    if (row.version !== null && row.version !== park.version && !versions.has(row.version)) versions.set(row.version, row);
  }
  if (versions.size === 0) return fill(root, h("p", { class: "empty" }, say("compare_none")));
  const rows = [...versions.values()].sort((a, b) => Number(b.version) - Number(a.version));
  const older = rows.find((row) => Number(row.version) < park.version) ?? rows[0];
  const shown = h("div", { "aria-live": "polite" });
  const select = h("select", { id: "compare" }, rows.map((row) => h("option", { value: row.id, selected: row === older }, label(row))));
  let asking = new AbortController();
  alive.addEventListener("abort", () => asking.abort());
  const update = async () => {
    asking.abort();
    asking = new AbortController();
    const row = rows.find((each) => each.id === select.value);
    if (!row) return;
    fill(shown, h("p", { class: "note" }, say("loading")));
    try {
      const other = await app.resultOf(row.id, asking.signal);
      if (app.result) fill(shown, compared(other, app.result, say("version_of", { n: Number(row.version) }), say("version_of", { n: park.version })));
    } catch (error) {
      app.fail(error);
    }
  };
  select.addEventListener("change", () => void update());
  fill(root, h("label", { for: "compare" }, say("compare_with")), h("div", { class: "row" }, select), shown);
  await update();
}

function label(row: AssessmentRow): string {
  return `${say("version_of", { n: Number(row.version) })} · ${row.rules} · ${clock(row.created)}`;
}

/** What differs between two results. */
function compared(before: AssessmentResult, after: AssessmentResult, was: string, is: string): Child {
  const lines: [string, (result: AssessmentResult) => string][] = [
    [say("grade"), ({ grade }) => (grade.bounds[0] === grade.bounds[1] ? grade.letter : `${grade.letter} (${grade.bounds.join("–")})`)],
    [say("score"), ({ grade }) => [...new Set(grade.score_bounds)].join("–")],
    [say("pll"), ({ pll }) => yearly(pll)],
    [say("units_count"), ({ sources }) => String(sources.length)],
    [say("targets_failing"), ({ targets }) => String(targets.filter((each) => each.status === "fail").length)],
    [say("rules_used"), ({ provenance }) => provenance.rules],
  ];
  return [
    table([say("compare_row"), was, is], lines.map(([name, text]) => [name, text(before), text(after)]), { caption: `${was} → ${is}` }),
    h("h3", {}, say("compare_units")),
    listed([...only(after, before, say("compare_added")), ...only(before, after, say("compare_removed"))]),
    h("h3", {}, say("compare_targets")),
    targets(before, after, was, is),
  ];
}

function only(one: AssessmentResult, other: AssessmentResult, word: string): Child[][] {
  const known = new Set(other.sources.map((row) => row.unit_id));
  return one.sources.filter((row) => !known.has(row.unit_id)).map((row) => [h("b", {}, row.unit_id), ` ${row.name} `, h("span", { class: "note" }, word)]);
}

function listed(rows: Child[][]): Child {
  return rows.length ? h("ul", { class: "plain" }, rows.map((row) => h("li", {}, row))) : h("p", { class: "note" }, say("compare_same"));
}

function targets(before: AssessmentResult, after: AssessmentResult, was: string, is: string): Child {
  const earlier = new Map(before.targets.map((row) => [row.target_id, row]));
  const later = new Map(after.targets.map((row) => [row.target_id, row]));
  const ids = [...new Set([...earlier.keys(), ...later.keys()])];
  const rows = ids
    .map((id) => ({ id, a: earlier.get(id), b: later.get(id) }))
    .filter(({ a, b }) => a?.individual_risk !== b?.individual_risk || a?.status !== b?.status)
    .map(({ id, a, b }) => [`${(b ?? a)?.name ?? ""} (${id})`, cell(a), cell(b)]);
  return rows.length ? table([say("layer_targets"), was, is], rows) : h("p", { class: "note" }, say("compare_same"));
}

function cell(row: AssessmentResult["targets"][number] | undefined): Child {
  return row ? [yearly(row.individual_risk), " ", h("b", { class: `status ${row.status}` }, named("status", row.status))] : "–";
}
