/** The legend over the map: the risk contours and the signs. */

import type { App } from "../app";
import { fill, h } from "../h";
import { scientific } from "../numbers";
import { named, say, told } from "../words";
import { contourColour, DENSITIES, KIND_COLOURS, LEVELS, LINE_COLOUR, OTHER_KIND, REST, TARGET_CLASSES, TRANSPORT_COLOUR } from "./colours";
import type { LayerName } from "./layers";

type Shape = "square" | "cut" | "line" | "course" | "dots" | "dash" | "round" | "target";

function entry(shape: Shape, colour: string | null, text: string): HTMLElement {
  const sign = h("i", { class: `sign ${shape}`, "aria-hidden": "true" });
  if (colour) sign.style.setProperty("--colour", colour);
  return h("li", {}, sign, text);
}

/** What the signs of a layer mean. */
export function legendOf(app: App, layer: LayerName): HTMLElement[] {
  const features = app.view.layers.features(layer);
  const held = (name: string) => new Set(features.map((each) => String(each.get(name))));
  switch (layer) {
    case "contours":
      return features
        .map((each) => ({ level: Number(each.get("individual_risk_per_year")), cut: each.get("closed") === false }))
        .sort((a, b) => b.level - a.level)
        .map(({ level, cut }) => {
          const text = `${scientific(level)} ${say("per_year")}${cut ? `（${say("contour_cut")}）` : ""}`;
          return entry(cut ? "cut" : "square", contourColour(level), text);
        });
    case "enterprises": {
      const open = features.some((each) => each.get("colour_worst") !== each.get("colour_best"));
      const there = held("colour");
      return [
        ...Object.entries(LEVELS).filter(([name]) => there.has(name)).map(([name, colour]) => entry("square", colour, named("colour", name))),
        ...(open ? [entry("dash", null, say("colour_open"))] : []),
      ];
    }
    case "targets":
      return TARGET_CLASSES.filter((name) => held("class").has(name)).map((name) => {
        const made = entry("target", null, named("class", name));
        made.firstElementChild?.classList.add(name.replaceAll(" ", "-"));
        return made;
      });
    case "units":
      if (app.view.colours === "substance") return substances(app.view.substanceList());
      return [...held("kind")].map((kind) => entry("round", KIND_COLOURS[kind] ?? OTHER_KIND, named("kind", kind)));
    case "boundary":
      return features.length ? [entry("line", null, say("layer_boundary"))] : [];
    case "lines":
      return features.length ? [entry("course", LINE_COLOUR, say("layer_lines"))] : [];
    case "transport":
      return features.map((each) => entry("dots", TRANSPORT_COLOUR, [each.get("name"), told(each.getProperties(), "mode")].filter(Boolean).join(" · ")));
    case "people":
      return features.length ? [...DENSITIES.map(density), h("li", { class: "note" }, say("people_note"))] : [];
    case "hazard_units":
      return features.length ? [entry("dash", "#00695c", say("layer_hazard_units"))] : [];
  }
}

function density([least, colour]: readonly [number, string], at: number): HTMLElement {
  const most = DENSITIES[at - 1]?.[0];
  return entry("square", colour, most === undefined ? say("people_most", { from: least }) : say("people_dense", { from: least, to: most }));
}

/** Those with a colour of their own, and the rest. */
function substances(all: [name: string, colour: string][]): HTMLElement[] {
  const own = all.filter(([, colour]) => colour !== REST).map(([name, colour]) => entry("round", colour, name));
  return own.length < all.length ? [...own, entry("round", REST, say("substances_other"))] : own;
}

/** The contours' legend on the map; the panel Layers has the rest. */
export function legend(app: App): HTMLElement {
  const list = h("ul", {});
  const wide = matchMedia("(min-width: 761px)").matches;
  const element = h("details", { class: "legend", open: wide, hidden: true }, h("summary", {}, say("legend_contours")), list);
  const update = () => {
    const entries = app.view.layers.all.contours.getVisible() ? legendOf(app, "contours") : [];
    element.hidden = entries.length === 0;
    fill(list, entries);
  };
  for (const topic of ["park", "assessment", "layers"] as const) app.on(topic, update);
  return element;
}
