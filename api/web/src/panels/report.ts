/** Panel Report: make the report and the files that belong to it, and download them. */

import type { App } from "../app";
import type { Job } from "../answers";
import { button, fill, h } from "../h";
import { finished } from "../jobs";
import type { Panel } from "../panel";
import { walkable } from "../parts";
import { progressBar } from "../progress";
import { language, named, say } from "../words";

const FORMATS = ["pdf", "docx", "xlsx", "gpkg", "svg"] as const;

interface ReportFile {
  name: string;
  size?: number;
  created?: string;
}

export const panel: Panel = {
  name: "report",
  order: 8,
  title: "report",
  letter: "D",
  permission: "read",
  needs: "assessment",
  mount(root, app, alive) {
    const files = h("div", {});
    const renew = () => list(app, files, alive);
    fill(root, app.may("report") ? order(app, renew, alive) : null, h("h3", {}, say("report_files")), files);
    void renew();
  },
};

/** What to make: language and formats. */
function order(app: App, renew: () => Promise<void>, alive: AbortSignal): HTMLElement {
  const place = h("div", {});
  const boxes = FORMATS.map((format) => h("input", { type: "checkbox", id: `format-${format}`, value: format, checked: format !== "svg" }));
  const lang = h("select", { id: "report-language" }, h("option", { value: "zh", selected: language() === "zh" }, "中文"), h("option", { value: "en", selected: language() === "en" }, "English"));
  const base = `/v1/assessments/${app.assessment?.id}/reports`;
  const work = async (told: (job: Job) => void, signal: AbortSignal) => {
    const formats = boxes.filter((box) => box.checked).map((box) => box.value);
    const answer = await app.client.ask(base, { method: "POST", json: { lang: lang.value, formats } });
    if (answer.status === 202) await finished(app.client, (await answer.json()) as Job, { progress: told, signal });
    await renew();
  };
  const start = () => void progressBar(place, app, say("report_making"), work, say("report_done"), alive);
  return h(
    "section",
    {},
    h("div", { class: "row" }, h("label", { for: "report-language" }, say("report_language")), lang),
    h("fieldset", { class: "formats" }, h("legend", {}, say("report_formats")), FORMATS.map((format, at) => h("label", { for: `format-${format}` }, boxes[at], named("format", format)))),
    h("div", { class: "row" }, button(say("report_start"), start, { class: "main" })),
    place,
  );
}

async function list(app: App, root: HTMLElement, alive: AbortSignal): Promise<void> {
  try {
    const base = `/v1/assessments/${app.assessment?.id}/reports`;
    const found = await app.client.all<ReportFile>(base, alive);
    const pages = found.filter((file) => !file.name.includes("figures/"));
    const figures = found.filter((file) => file.name.includes("figures/"));
    const lines = (files: ReportFile[]) => walkable(h("ul", { class: "found" }, files.map((file) => line(app, base, file))));
    if (found.length === 0) return fill(root, h("p", { class: "note" }, say("report_none")));
    fill(root, lines(pages), figures.length ? h("details", {}, h("summary", {}, say("report_figures", { n: figures.length })), lines(figures)) : null);
  } catch (error) {
    app.fail(error);
  }
}

function line(app: App, base: string, file: ReportFile): HTMLElement {
  const path = `${base}/${file.name.split("/").map(encodeURIComponent).join("/")}`;
  const get = () => void app.client.download(path, file.name.split("/").at(-1) ?? file.name).catch((error: unknown) => app.fail(error));
  const size = file.size === undefined ? "" : ` · ${Math.max(1, Math.round(file.size / 1024)).toLocaleString("en-US")} KiB`;
  return h("li", {}, button(h("span", {}, h("b", {}, file.name), h("span", { class: "note" }, size)), get, { "aria-label": say("download", { name: file.name }) }));
}
