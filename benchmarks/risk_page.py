"""A page that shows what individual risk is made of and how far it is from brute force: `docs/risk_integration.md`.

``python -m benchmarks.risk_page DIR`` writes the page and its picture. Upper row: a park of toy plumes, whose lethality
is a formula, against adaptive integration without any grid. Lower row: the real footprints of the example park
``minimal`` against a plain sum over events, weathers and wind directions on rings eight times as close.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import individual
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.individual import Raster, individual_risk
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import WindRose, wind_rose
from tests import minimal_park
from tests.risk.oracle import arrays, individual_at
from tests.risk.test_one_by_one import one_by_one

#: Cells per side of the map that is drawn, and of that which is compared.
DRAWN, COMPARED = 600, 28
#: Rings and wind directions per sector of the plain sum.
CLOSE, SAMPLES = PolarGrid(n_rings=1528, n_bins=1440), 360
#: Comparison stops below this risk. [1/yr]
LEAST = 1e-9
PAGE = """# Individual risk, checked against brute force

Written by `python -m benchmarks.risk_page docs`; do not edit by hand.

![Polar field, map and difference to brute force](risk_integration.png)

Left: what one source adds, at distance and bearing: the polar field that is spread over the wind rose once, exactly in
angle, and then added to the map. Middle: the map, sum of all sources. Right: relative difference between the map and a
calculation that shares nothing with it, at {compared} × {compared} cells with {least:.0e} per year or more.

| park | sources | events | cells compared | median difference | largest difference |
|---|---|---|---|---|---|
{rows}

*Toy plumes*: lethality is a formula; the reference integrates it over the wind directions in pieces between the edges
of sectors until it no longer changes, from the position of every source to the middle of every cell: no rings, no
bins, no library. *Real footprints*: the example park `minimal`; the reference adds up every event, weather and wind
direction by itself ({directions} directions), reading footprints on rings eight times as close. The
largest differences stand where the hard edge of a flash fire ends between two rings of the map's own polar grid, which
are 4 % apart.
"""


@dataclass(frozen=True)
class Case:
    """A park with its map, the field of one of its sources, and the same risk by brute force.

    Parameters
    ----------
    name : str
    n_sources, n_events : int
    distance : array, shape (n_distances,)
        [m]
    bearing : array, shape (n_bearings,)
        Direction from the source, anticlockwise from east. [rad]
    field : array, shape (n_distances, n_bearings)
        [1/yr]
    raster : Raster
    values : array, shape (ny, nx)
        [1/yr]
    coarse : Raster
        Cells compared.
    difference : array, shape (ny, nx)
        Map over brute force, less 1; NaN: below the least risk.
    """

    name: str
    n_sources: int
    n_events: int
    distance: np.ndarray
    bearing: np.ndarray
    field: np.ndarray
    raster: Raster
    values: np.ndarray
    coarse: Raster
    difference: np.ndarray


def _square(x: float, y: float, width: float, side: int) -> Raster:
    cell = width / side
    return Raster(x - 0.5 * width + 0.5 * cell, y - 0.5 * width + 0.5 * cell, cell, side, side)


def _case(name: str, events: Events, wind: WindRose, square: tuple[float, float, float], brute: Any) -> Case:
    """Map of a park, field of the source that adds most to it, difference to ``brute(x, y)``."""
    grid = PolarGrid()
    raster, coarse = (_square(*square, side) for side in (DRAWN, COMPARED))
    values = individual_risk(events, wind, grid, raster, np.zeros((0, 2))).values
    centres = np.stack([each.ravel() for each in np.meshgrid(coarse.x, coarse.y)], axis=1)
    found = individual_risk(events, wind, grid, coarse, centres)
    on_map, first = found.values, found.unit_ids[int(found.by_source.sum(axis=0).argmax())]
    want = brute(*centres.T).reshape(on_map.shape)
    known = want >= LEAST
    difference = np.where(known, on_map / np.where(known, want, 1.0) - 1.0, np.nan)
    place = events.table.loc[events.table["unit_id"] == first, ["x", "y"]].to_numpy()[0]
    distance, bearing = np.geomspace(5.0, 3000.0, 160), np.linspace(-np.pi, np.pi, 361)
    around = place + np.stack(
        [np.outer(distance, np.cos(bearing)).ravel(), np.outer(distance, np.sin(bearing)).ravel()], axis=1
    )
    found = individual_risk(events, wind, grid, _square(*place, 10.0, 1), around)
    field = found.by_source[:, found.unit_ids.index(first)].reshape(distance.size, bearing.size)
    n_sources = len(events.table[["x", "y"]].drop_duplicates())
    return Case(name, n_sources, len(events.table), distance, bearing, field, raster, values, coarse, difference)


def toy_case() -> Case:
    """A park of toy plumes against adaptive integration."""
    events, wind = individual.park(60, 12), individual.rose()
    inputs = arrays(events, wind)

    def brute(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return individual.on_threads(lambda px, py: individual_at(px, py, *inputs, 100), zip(x, y, strict=True))

    return _case("toy plumes", events, wind, (0.0, 0.0, 5000.0), brute)


def real_case() -> Case:
    """The example park against a plain sum."""
    result = minimal_park.assessment()
    events, wind = result.events, wind_rose(result.park)
    weights = wind.probability.sum(axis=0)

    def brute(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        parts = [_plain(result, weights, *each) for each in zip(*(np.array_split(v, 49) for v in (x, y)), strict=True)]
        return np.concatenate(parts)

    centre = events.table[["x", "y"]].mean()
    return _case("real footprints", events, wind, (float(centre["x"]), float(centre["y"]), 3000.0), brute)


def _plain(result: Any, weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    risk = np.zeros(x.size)
    for event, weather, means in one_by_one(result, x, y, CLOSE, samples=SAMPLES):
        risk += event["frequency"] * means[0] @ weights[weather]
    return risk


def draw(cases: list[Case], path: Path) -> None:
    """Draw one row a case: polar field, map, difference."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.0, 3.9 * len(cases)), layout="constrained")
    FigureCanvasAgg(figure)
    for (left, middle, right), case in zip(figure.subplots(len(cases), 3), cases, strict=True):
        top = float(case.values.max())
        least = max(LEAST, 1e-8 * top)
        norm = LogNorm(least, top)
        degrees = np.degrees(case.bearing)
        shown = left.pcolormesh(degrees, case.distance, np.maximum(case.field, least), norm=norm, cmap="inferno")
        left.set(yscale="log", title=f"{case.name}: field of one source", xlabel="bearing from east [°]")
        left.set(ylabel="distance [m]")
        _map(middle, case.raster, np.maximum(case.values, least), norm=norm, cmap="inferno")
        middle.set_title(f"{case.name}: map of {case.n_sources} sources")
        figure.colorbar(shown, ax=[left, middle], label="individual risk [1/yr]", shrink=0.9)
        percent = 100.0 * case.difference
        limit = max(float(np.nanquantile(np.abs(percent), 0.98)), 1e-6)
        image = _map(right, case.coarse, percent, cmap="RdBu_r", vmin=-limit, vmax=limit)
        right.set_title(f"{case.name}: map against brute force")
        right.set_facecolor("0.85")
        figure.colorbar(image, ax=right, label="difference [%]", shrink=0.9, extend="both")
    figure.savefig(path, dpi=110)


def _map(axes: Any, raster: Raster, values: np.ndarray, **look: Any) -> Any:
    half = 0.0005 * raster.cell * raster.nx
    image = axes.imshow(values, origin="lower", extent=[-half, half, -half, half], interpolation="nearest", **look)
    axes.set(xlabel="east of the middle [km]", ylabel="north of the middle [km]")
    return image


def _row(case: Case) -> str:
    off = np.abs(case.difference[np.isfinite(case.difference)])
    figures = f"{100.0 * np.median(off):.2g} % | {100.0 * off.max():.2g} %"
    return f"| {case.name} | {case.n_sources} | {case.n_events} | {off.size} | {figures} |"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="page of individual risk against brute force")
    parser.add_argument("folder", type=Path, help="where the page and its picture go")
    folder = parser.parse_args().folder
    cases = [toy_case(), real_case()]
    draw(cases, folder / "risk_integration.png")
    rows = "\n".join(_row(case) for case in cases)
    text = PAGE.format(rows=rows, compared=COMPARED, least=LEAST, directions=16 * SAMPLES)
    (folder / "risk_integration.md").write_text(text, encoding="utf-8")
    print(rows)


if __name__ == "__main__":
    main()
