/** Panel Park: which park and version, examples and uploads, the assessment of it. */

import type { App } from "../app";
import type { AssessmentRow, InputProblem, ParkRow, VersionRow } from "../answers";
import { assessing } from "../assessing";
import { Problem } from "../client";
import { button, facts, fill, h, keepingFocus, table } from "../h";
import type { Panel } from "../panel";
import { clock, scientific } from "../numbers";
import { named, pick, say, told } from "../words";

export const panel: Panel = {
  name: "park",
  order: 1,
  title: "park",
  letter: "P",
  permission: "read",
  needs: "nothing",
  mount(root, app, alive) {
    const picker = h("div", {});
    const assessment = h("div", {});
    const taken = h("div", {});
    const ways = h("div", {});
    fill(root, picker, assessment, ways, taken);
    const update = () => {
      keepingFocus(assessment, () => fill(assessment, assessmentOf(app, alive)));
      keepingFocus(ways, () => fill(ways, app.may("write") ? intake(app, taken, () => pickers(app, picker, alive)) : null));
    };
    app.on("park", update, alive);
    app.on("assessment", update, alive);
    update();
    void pickers(app, picker, alive);
  },
};

/** Lists of parks and of the versions of the one shown. */
async function pickers(app: App, root: HTMLElement, alive: AbortSignal): Promise<void> {
  try {
    const parks = await app.client.all<ParkRow>("/v1/parks", alive);
    if (parks.length === 0) return fill(root, h("p", { class: "empty" }, say("no_parks")));
    const versions = h("select", { id: "version" });
    const choice = h("select", { id: "park" }, h("option", { value: "" }, say("choose_park")), ...parks.map((park) => h("option", { value: park.id }, park.name)));
    const fillVersions = async () => {
      const rows = choice.value ? await app.client.all<VersionRow>(`/v1/parks/${choice.value}/versions`, alive) : [];
      rows.sort((a, b) => b.version - a.version);
      fill(versions, rows.map((row) => h("option", { value: row.version }, `${say("version_of", { n: row.version })} · ${clock(row.created)}`)));
    };
    const choose = async () => {
      const park = parks.find((each) => each.id === choice.value);
      if (park && versions.value) await app.choosePark({ id: park.id, name: park.name, version: Number(versions.value) });
    };
    const guarded = (act: () => Promise<void>) => () => void act().catch((error: unknown) => app.fail(error));
    choice.addEventListener("change", guarded(async () => (await fillVersions(), choose())));
    versions.addEventListener("change", guarded(choose));
    const show = async () => {
      choice.value = app.park?.id ?? "";
      await fillVersions();
      if (app.park) versions.value = String(app.park.version);
    };
    app.on("park", guarded(show), alive);
    const lists = h("div", { class: "pair" }, h("div", {}, h("label", { for: "park" }, say("park")), choice), h("div", {}, h("label", { for: "version" }, say("version")), versions));
    keepingFocus(root, () => fill(root, lists));
    await show();
  } catch (error) {
    app.fail(error);
  }
}

/** What is known of the version's assessment, or the button that starts it. */
function assessmentOf(app: App, alive: AbortSignal): HTMLElement | null {
  if (!app.park) return null;
  const run = (label: "assess" | "assess_again") => (app.may("ask") ? assessing(app, label, alive) : null);
  const heading = h("h3", {}, say("assessment"));
  const result = app.result;
  if (!result) return h("section", {}, heading, h("p", {}, say("not_assessed")), run("assess"));
  const { letter, bounds } = result.grade;
  const grade = bounds[0] === bounds[1] ? letter : `${letter} (${bounds[0]}–${bounds[1]})`;
  return h(
    "section",
    {},
    heading,
    others(app),
    result.park.demonstration ? h("p", { class: "warn" }, `${say("demonstration")}: ${told(result.park, "notice")}`) : null,
    facts([
      [say("grade"), button(grade, () => app.open("grade"), { class: `link grade-${letter}` })],
      [say("pll"), `${scientific(result.pll)} ${say("per_year")}`],
      [say("units_count"), result.sources.length],
      [say("rules_used"), result.provenance.rules],
      [say("engine_version"), result.provenance.version],
      [say("result_digest"), h("code", { title: result.provenance.result_digest }, result.provenance.result_digest.slice(0, 16))],
    ]),
    run("assess_again"),
  );
}

/** Which of the version's assessments is shown, where there are several. */
function others(app: App): HTMLElement | null {
  if (app.assessments.length < 2) return null;
  const label = (row: AssessmentRow) => say("assessment_of", { rules: row.rules, seed: row.seed, created: clock(row.created) });
  const select = h("select", { id: "assessment", "aria-label": say("assessment") }, app.assessments.map((row) => h("option", { value: row.id, selected: row.id === app.assessment?.id }, label(row))));
  select.addEventListener("change", () => {
    const row = app.assessments.find((each) => each.id === select.value);
    if (row) void app.chooseAssessment(row).catch((error: unknown) => app.fail(error));
  });
  return h("div", { class: "row" }, select);
}

/** Ways to bring in a park: examples, files. */
function intake(app: App, taken: HTMLElement, renew: () => Promise<void>): HTMLElement {
  const accept = async (answer: Response) => {
    const made = (await answer.json()) as { id: string; name: string; version: number; problems: InputProblem[] };
    app.announce(say("uploaded", { name: made.name }));
    fill(taken, problemTable(made.problems));
    await renew();
    await app.choosePark({ id: made.id, name: made.name, version: made.version });
  };
  const send = async (path: string, asking: { json?: unknown; form?: FormData }) => {
    fill(taken, h("p", { class: "note" }, say("loading")));
    try {
      await accept(await app.client.ask(path, { method: "POST", ...asking }));
    } catch (error) {
      fill(taken, error instanceof Problem ? [h("p", { class: "warn" }, error.message), problemTable(error.problems)] : null);
      taken.scrollIntoView({ block: "nearest" });
      app.fail(error);
    }
  };
  const example = (name: string) => () => void send("/v1/parks", { json: { example: name } });
  const file = (label: "upload_new" | "upload_version", path: () => string) => {
    const field = h("input", { type: "file", accept: ".xlsx,.zip,.gpkg", class: "visually-hidden", id: label });
    field.addEventListener("change", () => {
      const chosen = field.files?.[0];
      if (!chosen) return;
      const form = new FormData();
      form.append("file", chosen);
      field.value = "";
      void send(path(), { form });
    });
    return h("span", { class: "file" }, field, h("label", { for: label, class: "button" }, say(label)));
  };
  return h(
    "section",
    {},
    h("h3", {}, say("example")),
    h("div", { class: "row" }, button(say("example_small"), example("minimal")), button(say("example_large"), example("zhoushan"))),
    h("h3", {}, say("upload")),
    h("p", { class: "note" }, say("upload_help")),
    h("div", { class: "row" }, file("upload_new", () => "/v1/parks"), app.park ? file("upload_version", () => `/v1/parks/${app.park?.id}/versions`) : null),
  );
}

/** All problems of an input, as the check found them. */
export function problemTable(problems: InputProblem[]): HTMLElement | null {
  if (problems.length === 0) return null;
  const rows = problems.map((each) => [
    [each.table ?? "", each.row ?? "", each.column ?? ""].filter((part) => part !== "").join(" · "),
    [each.severity ? h("b", {}, `${named("severity", each.severity)} `) : null, told(each, "message")],
  ]);
  const place = [say("problem_table"), say("problem_row"), say("problem_column")].join(" · ");
  return table([place, say("problem_message")], rows, { caption: `${say("problems")}${pick(["：", ": "])}${say("problems_count", { n: problems.length })}` });
}
