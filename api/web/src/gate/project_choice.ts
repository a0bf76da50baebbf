/** Which project is asked about: a stored one, an uploaded one, one filled in, or one moved to another place. */

import type { App } from "../app";
import type { InputProblem } from "../answers";
import { Problem } from "../client";
import { button, fill, h } from "../h";
import type { Click } from "../map/view";
import { problemTable } from "../panels/park";
import type { Document } from "../questions";
import { schemaOf } from "../schema";
import { say } from "../words";
import { ProjectForm } from "./project_form";

const EXAMPLES = ["minimal/diesel-tank", "minimal/no-evidence", "zhoushan/ammonia-store", "zhoushan/missing-evidence"];
const FORM = "form";
const MOVED = "moved";

/** What a question names as its project: `{"project_id": ...}` or a document. */
export interface Chosen {
  name: string;
  asked: Document;
}

interface Memory {
  way: string;
  form: ProjectForm | null;
  moved: Chosen | null;
  proposed: boolean;
}

const memories = new WeakMap<App, Map<string, Memory>>();

/** What was chosen last for this version of the park. */
function memoryOf(app: App): Memory {
  const all = memories.get(app) ?? new Map<string, Memory>();
  memories.set(app, all);
  const key = `${app.park?.id}/${app.park?.version}`;
  const found = all.get(key) ?? { way: "", form: null, moved: null, proposed: false };
  all.set(key, found);
  return found;
}

/** Offer a moved project to the gate. */
export function propose(app: App, chosen: Chosen): void {
  Object.assign(memoryOf(app), { way: MOVED, moved: chosen, proposed: true });
}

/** Whether a project was proposed since this was asked last. */
export function takeProposal(app: App): boolean {
  const memory = memoryOf(app);
  const { proposed } = memory;
  memory.proposed = false;
  return proposed;
}

interface StoredProject {
  id: string;
  name: string;
  created: string;
}

export class ProjectChoice {
  readonly element: HTMLElement;
  private readonly memory: Memory;
  private readonly select: HTMLSelectElement;
  private readonly body = h("div", {});
  private readonly taken = h("div", { "aria-live": "polite" });
  private stored: StoredProject[] = [];

  constructor(
    private readonly app: App,
    private readonly id: string,
    private readonly alive: AbortSignal,
  ) {
    this.memory = memoryOf(app);
    this.select = h("select", { id });
    this.select.addEventListener("change", () => void this.show());
    this.element = h(
      "section",
      {},
      h("div", { class: "field" }, h("label", { for: id }, say("project")), this.select),
      app.may("write") ? this.ways() : null,
      this.taken,
      this.body,
    );
  }

  /** Read the list of projects; `chosen` is one to choose. */
  async load(chosen?: string): Promise<void> {
    this.stored = await this.app.client.all<StoredProject>("/v1/projects", this.alive);
    const { moved } = this.memory;
    fill(
      this.select,
      moved ? h("option", { value: MOVED }, moved.name) : null,
      this.stored.map((each) => h("option", { value: each.id }, `${each.name} · ${each.created.slice(0, 16).replace("T", " ")}`)),
      h("option", { value: FORM }, say("project_form")),
    );
    const wanted = chosen ?? this.memory.way;
    if ([...this.select.options].some((option) => option.value === wanted)) this.select.value = wanted;
    await this.show();
  }

  /** The project chosen; null where the form is not filled in. */
  chosen(): Chosen | null {
    const way = this.select.value;
    if (way === MOVED) return this.memory.moved;
    if (way !== FORM) return { name: this.stored.find((each) => each.id === way)?.name ?? way, asked: { project_id: way } };
    const asked = this.memory.form?.document() ?? null;
    return asked && { name: String((asked.project as Document).name), asked };
  }

  /** The content of what is chosen. */
  async document(chosen: Chosen): Promise<Document> {
    const id = chosen.asked.project_id;
    return id === undefined ? chosen.asked : this.app.client.get<Document>(`/v1/projects/${String(id)}/document`, this.alive);
  }

  clicked(click: Click): void {
    if (this.select.value === FORM) this.memory.form?.clicked(click);
  }

  private async show(): Promise<void> {
    this.memory.way = this.select.value;
    if (this.select.value !== FORM) return fill(this.body);
    this.memory.form ??= new ProjectForm(this.app, await schemaOf(this.app));
    fill(this.body, this.memory.form.element);
  }

  private ways(): HTMLElement {
    const field = h("input", { type: "file", accept: ".xlsx,.zip", class: "visually-hidden", id: `${this.id}-file` });
    field.addEventListener("change", () => {
      const file = field.files?.[0];
      if (!file) return;
      const form = new FormData();
      form.append("file", file);
      field.value = "";
      void this.take({ form });
    });
    const examples = EXAMPLES.map((example) => button(example, () => void this.take({ json: { example } }), { class: "small" }));
    return h(
      "div",
      {},
      h("div", { class: "row" }, h("span", { class: "file" }, field, h("label", { for: field.id, class: "button" }, say("project_upload"))), h("span", { class: "note" }, ".xlsx / .zip")),
      h("details", {}, h("summary", {}, say("project_examples")), h("div", { class: "row" }, examples)),
    );
  }

  private async take(sent: { form?: FormData; json?: unknown }): Promise<void> {
    try {
      const answer = await this.app.client.ask("/v1/projects", { method: "POST", ...sent, signal: this.alive });
      const made = (await answer.json()) as StoredProject & { problems: InputProblem[] };
      fill(this.taken, problemTable(made.problems));
      this.app.announce(say("uploaded", { name: made.name }));
      await this.load(made.id);
    } catch (error) {
      fill(this.taken, error instanceof Problem ? [h("p", { class: "warn" }, error.message), problemTable(error.problems)] : null);
      this.app.fail(error);
    }
  }
}
