/** How numbers are written. */

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 3.2e-6 as 3.2×10⁻⁶; plain where that is shorter, as 0.013 or 250. */
export function scientific(value: number, digits = 2): string {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -2 && power < 4) return String(Number(value.toPrecision(Math.max(digits, power + 1))));
  const factor = Number(mantissa) === 1 ? "" : `${Number(mantissa)}×`;
  return `${factor}10${raised(power)}`;
}

/** A power of ten's exponent, as small figures above the line. */
export function raised(power: number): string {
  return [...String(power)].map((sign) => (sign === "-" ? "⁻" : (RAISED[Number(sign)] ?? ""))).join("");
}

/** 0.9464 as 94.6 %; what is above nothing never shows as 0. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return `${Number((100 * share).toFixed(1))} %`;
}

/** A number in a table: at most so many significant figures, thousands apart. */
export function plain(value: number, digits = 4): string {
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e7)) return scientific(value, Math.min(digits, 3));
  return Number(value.toPrecision(digits)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** A time of the service, such as 2026-11-26T14:39:41Z, on the user's clock: 2026-11-26 22:39. */
export function clock(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Longitude and latitude with six places, which is a decimetre. */
export function lonLat(lon: number, lat: number): string {
  return `${Math.abs(lon).toFixed(6)}° ${lon < 0 ? "W" : "E"}, ${Math.abs(lat).toFixed(6)}° ${lat < 0 ? "S" : "N"}`;
}

/** Compass names of a wind direction in degrees, as [zh, en]. */
export function compass(degrees: number): readonly [string, string] {
  const zh = ["北", "北东北", "东北", "东东北", "东", "东东南", "东南", "南东南", "南", "南西南", "西南", "西西南", "西", "西西北", "西北", "北西北"];
  const en = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"];
  const at = ((Math.round(degrees / 22.5) % 16) + 16) % 16;
  return [zh[at] ?? "", en[at] ?? ""];
}
