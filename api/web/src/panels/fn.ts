/** Panel F-N: the curve of societal risk on logarithmic axes, with both criterion lines and their zones. */

import type { FnRow } from "../answers";
import { fnChart } from "../fn_chart";
import { facts, fill, h, table } from "../h";
import { scientific } from "../numbers";
import type { Panel } from "../panel";
import { yearly } from "../parts";
import { named, say } from "../words";

export const panel: Panel = {
  name: "fn",
  order: 7,
  title: "fn",
  letter: "N",
  permission: "read",
  needs: "assessment",
  mount(root, app, alive) {
    const result = app.result;
    if (!result) return;
    const rows = result.fn;
    const shown = h("div", { class: "chart", role: "img", "aria-label": said(rows) });
    const worst = worstZone(rows);
    fill(
      root,
      facts([
        [say("fn_zone"), h("b", { class: `status zone-${worst}` }, named("zone", worst))],
        [say("fn_most"), Math.round(rows.at(-1)?.N ?? 0)],
        [say("pll"), yearly(result.pll)],
      ]),
      shown,
      h("p", { class: "note" }, say("fn_note")),
      samples(rows),
    );
    if (rows.length === 0) return;
    const curve = (name: "F" | "F_without_domino") => rows.map((row) => ({ N: row.N, F: row[name] }));
    const curves = [
      { label: say("fn_park"), points: curve("F"), width: 2.4, dash: [] },
      { label: say("fn_without_domino"), points: curve("F_without_domino"), width: 1.4, dash: [6, 4] },
    ];
    fnChart(shown, rows, curves, alive);
  },
};

const ZONES = ["acceptable", "alarp", "beyond", "unknown", "unacceptable"];

function worstZone(rows: FnRow[]): string {
  return rows.reduce((worst, row) => (ZONES.indexOf(row.zone) > ZONES.indexOf(worst) ? row.zone : worst), "acceptable");
}

function said(rows: FnRow[]): string {
  return say("fn_said", { zone: named("zone", worstZone(rows)), n: Math.round(rows.at(-1)?.N ?? 0) });
}

/** The curve at 1, 2, 5, 10 ... deaths, for those who read numbers. */
function samples(rows: FnRow[]): HTMLElement {
  const wanted = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
  const found = wanted.flatMap((N) => rows.filter((row) => row.N >= N * (1 - 1e-9)).slice(0, 1).map((row) => ({ N, row })));
  const text = found.map(({ N, row }) => [N, scientific(row.F), scientific(row.lower), scientific(row.upper), named("zone", row.zone)]);
  return table(["N", `F (${say("per_year")})`, say("fn_lower"), say("fn_upper"), say("fn_zone")], text, { caption: say("fn_table"), numeric: [0, 1, 2, 3] });
}
