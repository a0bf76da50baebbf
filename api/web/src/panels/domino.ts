/** Panel Domino: the cascade that begins at a unit, played over time on the map and listed. */

import { player } from "../cascade/player";
import { fill, h } from "../h";
import type { Panel } from "../panel";
import type { Cascade } from "../questions";
import { unitField } from "../unit_field";
import { say } from "../words";

export const panel: Panel = {
  name: "domino",
  order: 10,
  title: "domino",
  letter: "C",
  permission: "ask",
  needs: "assessment",
  mount(root, app, alive) {
    const body = h("div", {});
    const field = unitField(app, "domino-unit", say("domino_unit"), (unit) => app.chooseUnit(unit, { look: true, open: false }));
    let playing = new AbortController();
    const show = async () => {
      playing.abort();
      playing = new AbortController();
      const own = playing.signal;
      const unit = app.unit;
      field.set(unit ?? "");
      if (unit === null) return fill(body, h("p", { class: "empty" }, say("domino_none")));
      fill(body, h("p", { class: "note" }, say("loading")));
      try {
        const path = `/v1/assessments/${app.assessment?.id}/cascade?unit=${encodeURIComponent(unit)}`;
        const found = await app.client.get<Cascade>(path, own);
        fill(body, player(app, found, own));
      } catch (error) {
        if (own.aborted) return;
        fill(body);
        app.fail(error);
      }
    };
    alive.addEventListener("abort", () => playing.abort());
    app.on("unit", () => void show(), alive);
    app.view.onClick((click) => click.unit !== null && app.chooseUnit(click.unit, { open: false }), alive);
    fill(root, field.element, body);
    void show();
  },
};
