/** Colours of the map: those of the figures of the report. */

/** Contour levels [1/yr], highest first, in the colours of the report's figures. */
export const CONTOURS: readonly (readonly [level: number, colour: string])[] = [
  [1e-3, "#800026"],
  [1e-4, "#c00225"],
  [3e-5, "#e7231e"],
  [1e-5, "#fc5f2f"],
  [3e-6, "#fd9a42"],
  [1e-6, "#fec45f"],
  [3e-7, "#ffe48d"],
];

/** Colour of a contour: that of the highest listed level it reaches, the palest below all. */
export function contourColour(level: number): string {
  const class_ = CONTOURS.find(([limit]) => level >= limit * (1 - 1e-9)) ?? CONTOURS[CONTOURS.length - 1];
  return class_?.[1] ?? "#ffe48d";
}

/** Kinds of units; those not listed share the last colour of the palette. */
export const KIND_COLOURS: Record<string, string> = {
  atmospheric_tank: "#8fa3b3",
  refrigerated_tank: "#56b4e9",
  pressure_vessel: "#0072b2",
  process_vessel: "#009e73",
  reactor: "#009e73",
  column: "#009e73",
  pipeline: "#e69f00",
  loading_arm: "#d55e00",
  warehouse: "#f0e442",
  cylinder_store: "#f0e442",
};
export const OTHER_KIND = "#cc79a7";

/** For substances, told apart by the colour-blind too; the rest share the last. */
export const PALETTE = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#f0e442", "#8c564b", "#cc79a7"] as const;
export const REST = "#9aa5ad";

export const TARGET_COLOUR = "#7b1fa2";
export const TARGET_CLASSES = ["high-sensitivity", "important", "general class 1", "general class 2", "general class 3"];

/** The four colours of an enterprise's risk, worst first. */
export const LEVELS: Record<string, string> = { red: "#d32f2f", orange: "#f57c00", yellow: "#fbc02d", blue: "#1976d2" };

/** Density of people [persons/ha], densest first; greys, which no other layer has. */
export const DENSITIES: readonly (readonly [least: number, colour: string])[] = [
  [100, "#3f4a54"],
  [30, "#6f7c87"],
  [10, "#9aa6b0"],
  [0, "#c6cfd6"],
];
export const LINE_COLOUR = "#37474f";
export const TRANSPORT_COLOUR = "#1a237e";
