/** Begin: log in, build the page, show the park shown last. */

import "ol/ol.css";
import "./page.css";

import { App } from "./app";
import { fill, h } from "./h";
import { leave, logIn, type Session } from "./login";
import { legend } from "./map/legend";
import { position } from "./map/position";
import { MapView } from "./map/view";
import { bar, Drawer, Messages } from "./shell";
import { say, setLanguage, storedLanguage } from "./words";
import type { ParkVersion } from "./answers";

const SHOWN = "parkrisk.park";

async function begin(): Promise<void> {
  setLanguage(storedLanguage());
  build(await logIn(), null);
}

/** Build the page anew; after a change of language with what was shown before. */
function build(session: Session, before: App | null): void {
  document.title = say("title");
  const target = h("div", { class: "map", id: "map", tabindex: 0, role: "application", "aria-label": say("map_help") });
  const messages = new Messages();
  session.client.onStarting = (why) => messages.stand(why === null ? null : say("starting", { why }));
  fill(document.body);
  document.body.className = "page";
  const app = new App(session.client, session.me, new MapView(target), messages);
  const renew = () => (app.view.map.setTarget(undefined), build(session, app));
  const drawer = new Drawer(app);
  const main = h("main", {}, target, legend(app), position(app), messages.element);
  document.body.append(bar(app, renew, leave), main, ...drawer.elements());
  app.view.onClick((click) => {
    if (app.park === null) return;
    if (click.unit !== null) app.chooseUnit(click.unit);
    else app.choosePlace({ lonLat: click.lonLat, at: click.at, ...(click.target === null ? {} : { target: click.target }) });
  }, new AbortController().signal);
  app.on("park", () => app.park && sessionStorage.setItem(SHOWN, JSON.stringify(app.park)));
  app.open(before?.panel ?? "park");
  void restore(app);
  if (before === null) app.client.ask("/v1/ready").catch((error: unknown) => app.fail(error)); // says so while engines start
}

async function restore(app: App): Promise<void> {
  const kept = sessionStorage.getItem(SHOWN);
  if (kept === null) return;
  try {
    await app.choosePark(JSON.parse(kept) as ParkVersion);
  } catch {
    sessionStorage.removeItem(SHOWN); // it was another tenant's, or is gone
  }
}

void begin();
