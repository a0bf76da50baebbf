/** Reports of a result: what to make, and the files that were made. */

import type { App } from "./app";
import type { Job } from "./answers";
import { button, fill, h } from "./h";
import { finished } from "./jobs";
import { walkable } from "./parts";
import { progressBar } from "./progress";
import { language, named, say } from "./words";

export type Format = "pdf" | "docx" | "xlsx" | "gpkg" | "svg";

interface ReportFile {
  name: string;
  size?: number;
  created?: string;
}

/** The form that makes a report, where the user may, and the list of its files; `base` is the reports' address. */
export function reports(app: App, base: string, formats: Format[], alive: AbortSignal): HTMLElement {
  const files = h("div", {});
  const renew = () => list(app, base, files, alive);
  void renew();
  return h("div", {}, app.may("report") ? order(app, base, formats, renew, alive) : null, h("h3", {}, say("report_files")), files);
}

/** What to make: language and formats. */
function order(app: App, base: string, formats: Format[], renew: () => Promise<void>, alive: AbortSignal): HTMLElement {
  const place = h("div", {});
  const boxes = formats.map((format) => h("input", { type: "checkbox", id: `format-${format}`, value: format, checked: format !== "svg" }));
  const lang = h("select", { id: "report-language" }, h("option", { value: "zh", selected: language() === "zh" }, "中文"), h("option", { value: "en", selected: language() === "en" }, "English"));
  const work = async (told: (job: Job) => void, signal: AbortSignal) => {
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    const answer = await app.client.ask(base, { method: "POST", json: { lang: lang.value, formats: wanted } });
    if (answer.status === 202) await finished(app.client, (await answer.json()) as Job, { progress: told, signal });
    await renew();
  };
  const start = () => void progressBar(place, app, say("report_making"), work, say("report_done"), alive);
  return h(
    "section",
    {},
    h("div", { class: "row" }, h("label", { for: "report-language" }, say("report_language")), lang),
    h("fieldset", { class: "formats" }, h("legend", {}, say("report_formats")), formats.map((format, at) => h("label", { for: `format-${format}` }, boxes[at], named("format", format)))),
    h("div", { class: "row" }, button(say("report_start"), start, { class: "main" })),
    place,
  );
}

async function list(app: App, base: string, root: HTMLElement, alive: AbortSignal): Promise<void> {
  try {
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
  return h("li", {}, button(h("span", {}, h("b", {}, file.name), h("span", { class: "note" }, size)), get, { title: say("download", { name: file.name }) }));
}
