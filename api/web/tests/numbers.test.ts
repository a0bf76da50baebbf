import { expect, test } from "vitest";

import { compass, lonLat, percent, plain, scientific } from "../src/numbers";

test("risks are written with a raised exponent", () => {
  expect(scientific(3.2e-6)).toBe("3.2×10⁻⁶");
  expect(scientific(1e-5)).toBe("10⁻⁵");
  expect(scientific(2.996e-7)).toBe("3×10⁻⁷");
  expect(scientific(9.96e-6)).toBe("10⁻⁵"); // rounds into the next decade
  expect(scientific(-4.5e-10)).toBe("-4.5×10⁻¹⁰");
  expect(scientific(0)).toBe("0");
  expect(scientific(250)).toBe("250");
  expect(scientific(1234)).toBe("1234");
});

test("a share above nothing is never written as nothing", () => {
  expect(percent(1e-9)).toBe("< 0.1 %");
  expect(percent(0)).toBe("0 %");
  expect(percent(0.94643)).toBe("94.6 %");
});

test("numbers of tables keep their size readable", () => {
  expect(plain(25000)).toBe("25,000");
  expect(plain(0.7092208)).toBe("0.7092");
  expect(plain(7222.17)).toBe("7,222");
  expect(plain(4.2e-9)).toBe("4.2×10⁻⁹");
});

test("places and winds have their side", () => {
  expect(lonLat(-70.5, -33.25)).toBe("70.500000° W, 33.250000° S");
  expect(compass(0)).toEqual(["北", "N"]);
  expect(compass(360)).toEqual(["北", "N"]);
  expect(compass(247.5)[1]).toBe("WSW");
});
