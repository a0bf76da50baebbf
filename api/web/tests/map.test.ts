import { expect, test } from "vitest";

import { contourColour, CONTOURS } from "../src/map/colours";
import { gridStep } from "../src/map/grid";
import { planeOf, toLonLat, toPlane } from "../src/map/plane";

test("a contour has the colour of its class, also when its level is written with an error of rounding", () => {
  for (const [level, colour] of CONTOURS) expect(contourColour(level * (1 - 1e-12))).toBe(colour);
  expect(contourColour(5e-6)).toBe(contourColour(3e-6));
  expect(contourColour(2.9e-6)).toBe(contourColour(1e-6));
  expect(contourColour(1e-9)).toBe(contourColour(3e-7));
  expect(contourColour(1)).toBe(contourColour(1e-3));
});

test("grid lines stand at round distances, far enough apart", () => {
  for (const resolution of [0.05, 0.3, 1, 7, 60, 200]) {
    const step = gridStep(resolution);
    expect(step / resolution).toBeGreaterThanOrEqual(110);
    expect(step / resolution).toBeLessThan(300);
    expect([1, 2, 5]).toContain(Math.round(step / 10 ** Math.floor(Math.log10(step) + 1e-9)));
  }
});

// Places by pyproj 3.7.
test.each([
  ["EPSG:4550", "proj=tmerc lat_0=0 lon_0=123 k=1 x_0=500000 y_0=0 ellps=GRS80 units=m no_defs", [121.9716177845717, 29.947152943313824], [400720, 3314700]],
  ["EPSG:4525", "proj=tmerc lat_0=0 lon_0=111 k=1 x_0=37500000 y_0=0 ellps=GRS80 units=m no_defs", [111.0118, 40.6355], [37500998.244287, 4500095.491867]],
] as const)("the plane of %s is that of the park", (crs, definition, place, expected) => {
  const plane = planeOf(crs, definition);
  const [x, y] = toPlane(plane, place);
  expect(Math.hypot(x - expected[0], y - expected[1])).toBeLessThan(0.001);
  const back = toLonLat(plane, [x, y]);
  expect(Math.hypot(back[0] - place[0], back[1] - place[1])).toBeLessThan(1e-9);
});
