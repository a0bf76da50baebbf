/** The frame of the page: bar, map, drawer with the panels, messages. */

import type { App } from "./app";
import { button, fill, h, keepingFocus } from "./h";
import { PANELS, type Panel } from "./panel";
import { language, say, setLanguage } from "./words";

/** The one place where messages appear; a live region, so that they are read out. */
export class Messages {
  readonly element = h("div", { class: "messages" });
  private readonly note = h("div", { role: "status", "aria-live": "polite" });
  private readonly alert = h("div", { role: "alert" });
  private readonly standing = h("div", { role: "status", "aria-live": "polite" });

  constructor() {
    this.element.append(this.standing, this.note, this.alert);
  }

  /** Say what lasts; null: it is over. */
  stand(text: string | null): void {
    if (text === this.standing.textContent) return;
    fill(this.standing, text === null ? null : h("p", { class: "message standing" }, text));
  }

  say(text: string, tone: "note" | "alert"): void {
    const region = tone === "note" ? this.note : this.alert;
    const shown = h("p", { class: `message ${tone}` }, h("span", {}, text), button("×", () => shown.remove(), { "aria-label": say("close") }));
    this.note.replaceChildren();
    this.alert.replaceChildren();
    region.append(shown);
    setTimeout(() => shown.remove(), tone === "note" ? 6000 : 15000);
  }
}

/** The bar on top: what is shown, who asks, language, way out. */
export function bar(app: App, renew: () => void, logOut: () => void): HTMLElement {
  const shown = button("", () => app.open("park"), { class: "shown" });
  const update = () => {
    const park = app.park ? `${app.park.name} · ${say("version_of", { n: app.park.version })}` : say("choose_park");
    const grade = app.result ? h("b", { class: `grade grade-${app.result.grade.letter}` }, app.result.grade.letter) : null;
    fill(shown, h("span", {}, park), grade);
  };
  app.on("park", update);
  app.on("assessment", update);
  update();
  const other = () => (setLanguage(language() === "zh" ? "en" : "zh"), renew());
  const role = `${app.me.tenant} · ${say(`role_${app.me.role}`)}`;
  return h(
    "header",
    { class: "bar" },
    h("a", { class: "skip", href: "#drawer" }, say("skip")),
    h("h1", {}, h("img", { src: "/mark.svg", alt: "", width: 22, height: 22 }), h("span", {}, say("title"))),
    shown,
    h("span", { class: "who", title: app.me.name }, role),
    h("a", { href: "/docs", target: "_blank", rel: "noopener", class: "wide" }, say("docs")),
    button(say("other_language"), other, { lang: language() === "zh" ? "en" : "zh-CN" }),
    button(say("log_out"), logOut),
  );
}

/** The panels: a rail of tabs and a drawer, at the foot of the page on a phone. */
export class Drawer {
  private readonly shownPanels: Panel[];
  private readonly tabs: HTMLButtonElement[];
  private readonly body = h("div", { class: "panel", role: "tabpanel", tabindex: 0, id: "panel" });
  private readonly heading = h("h2", {});
  private readonly element: HTMLElement;
  private alive = new AbortController();
  private last: HTMLElement | null = null;

  constructor(private readonly app: App) {
    this.shownPanels = PANELS.filter((panel) => app.may(panel.permission));
    for (const panel of this.shownPanels) app.panels.add(panel.name);
    this.tabs = this.shownPanels.map((panel) =>
      button([h("span", { class: "letter", "aria-hidden": "true" }, panel.letter), h("span", {}, say(panel.title))], () => this.toggle(panel.name), {
        role: "tab",
        id: `tab-${panel.name}`,
        "aria-controls": "panel",
        "aria-selected": "false",
        tabindex: -1,
      }),
    );
    const size = button("⤢", () => this.resize(size), { class: "size", "aria-label": say("larger"), "aria-pressed": "false" });
    this.element = h(
      "section",
      { class: "drawer", "aria-label": say("panels"), hidden: true },
      h("div", { class: "head" }, this.heading, size, button("×", () => this.close(), { "aria-label": say("close"), class: "close" })),
      this.body,
    );
    app.on("panel", () => this.show());
    app.on("park", () => this.renew());
    app.on("assessment", () => this.renew());
  }

  /** The drawer and the rail, in the order of the tab key. */
  elements(): HTMLElement[] {
    const rail = h("div", { class: "rail", role: "tablist", id: "drawer", tabindex: -1, "aria-label": say("panels") }, ...this.tabs);
    rail.addEventListener("keydown", (event) => this.arrows(event));
    for (const each of [rail, this.element]) {
      each.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !event.defaultPrevented) this.close();
      });
    }
    const first = this.tabs[0];
    if (first) first.tabIndex = 0;
    return [h("nav", { "aria-label": say("panels") }, rail), this.element];
  }

  private toggle(name: string): void {
    if (this.app.panel === name) this.close();
    else this.app.open(name);
  }

  private close(): void {
    const tab = this.tabOf(this.app.panel);
    this.app.panel = null;
    this.show();
    (this.last?.isConnected ? this.last : tab)?.focus();
  }

  private tabOf(name: string | null): HTMLButtonElement | undefined {
    return this.tabs[this.shownPanels.findIndex((panel) => panel.name === name)];
  }

  private show(): void {
    const panel = this.shownPanels.find((each) => each.name === this.app.panel);
    const from = document.activeElement;
    if (from instanceof HTMLElement && !this.element.contains(from)) this.last = from;
    for (const tab of this.tabs) {
      const on = tab === this.tabOf(panel?.name ?? null);
      tab.setAttribute("aria-selected", String(on));
      if (panel) tab.tabIndex = on ? 0 : -1;
      if (on) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    const opened = this.element.hidden;
    this.element.hidden = panel === undefined;
    document.body.classList.toggle("drawer-open", panel !== undefined);
    this.mount(panel);
    if (opened !== this.element.hidden) this.app.view.map.updateSize();
  }

  private renew(): void {
    const panel = this.shownPanels.find((each) => each.name === this.app.panel);
    if (panel && panel.name !== "park") this.mount(panel);
  }

  private mount(panel: Panel | undefined): void {
    this.alive.abort();
    this.alive = new AbortController();
    if (panel) keepingFocus(this.body, () => this.replace(panel));
    else fill(this.body);
  }

  private replace(panel: Panel): void {
    fill(this.body);
    this.body.scrollTop = 0;
    fill(this.heading, say(panel.title));
    this.body.setAttribute("aria-labelledby", `tab-${panel.name}`);
    this.body.className = `panel panel-${panel.name}`;
    if (panel.needs !== "nothing" && !this.app.park) fill(this.body, missing("needs_park", this.app));
    else if (panel.needs === "assessment" && !this.app.result) fill(this.body, missing("needs_assessment", this.app));
    else panel.mount(this.body, this.app, this.alive.signal);
  }

  private resize(size: HTMLElement): void {
    const large = document.body.classList.toggle("drawer-large");
    size.setAttribute("aria-pressed", String(large));
    size.setAttribute("aria-label", say(large ? "smaller" : "larger"));
    this.app.view.map.updateSize();
  }

  private arrows(event: KeyboardEvent): void {
    const at = this.tabs.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -at, End: this.tabs.length - 1 - at };
    const step = steps[event.key];
    if (step === undefined || at < 0) return;
    event.preventDefault();
    this.tabs[(at + step + this.tabs.length) % this.tabs.length]?.focus();
  }
}

function missing(key: "needs_park" | "needs_assessment", app: App): HTMLElement {
  return h("div", { class: "empty" }, h("p", {}, say(key)), button(say("park"), () => app.open("park"), { class: "main" }));
}
