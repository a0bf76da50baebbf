/** Panel Layers: switches of the map's layers, each with its legend. */

import { fill, h, keepingFocus } from "../h";
import { LAYER_WORDS, LAYERS } from "../map/layers";
import { legendOf } from "../map/legend";
import type { UnitColours } from "../map/view";
import type { Panel } from "../panel";
import { say } from "../words";

export const panel: Panel = {
  name: "layers",
  order: 2,
  title: "layers",
  letter: "L",
  permission: "read",
  needs: "park",
  mount(root, app, alive) {
    const update = () => {
      const colours = h(
        "select",
        { id: "colours" },
        (["kind", "substance"] as const).map((each) => h("option", { value: each, selected: app.view.colours === each }, say(`colour_by_${each}`))),
      );
      colours.addEventListener("change", () => (app.view.colourBy(colours.value as UnitColours), app.tell("layers")));
      const switches = [...LAYERS].reverse().map((name) => {
        const layer = app.view.layers.all[name];
        const box = h("input", { type: "checkbox", id: `layer-${name}`, checked: layer.getVisible() });
        box.addEventListener("change", () => void app.switchLayer(name, box.checked).catch((error: unknown) => app.fail(error)));
        const entries = legendOf(app, name);
        return h(
          "fieldset",
          { class: "layer" },
          h("label", { for: box.id }, box, say(LAYER_WORDS[name])),
          name === "units" ? h("div", { class: "row" }, h("label", { for: "colours" }, say("colour_units")), colours) : null,
          entries.length ? h("ul", { class: "signs" }, entries) : app.isUnread(name) ? null : h("p", { class: "note" }, say("layer_empty")),
        );
      });
      keepingFocus(root, () => fill(root, switches));
    };
    app.on("layers", update, alive);
    update();
  },
};
