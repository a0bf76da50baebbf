"""Draw one source: its field on the polar grid, the raster made of it, and how far brute force differs.

``python -m benchmarks.individual_figure docs/individual_risk.svg``
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from benchmarks.individual import GRID, on_threads, rose, square
from parkrisk.risk.individual import Raster, individual_risk
from tests.risk.oracle import PLUME, Toy, arrays, individual_at, toy_events

#: Below this nothing is drawn. [1/yr]
_LEAST = 1e-9


def draw(target: Path) -> None:
    """Write the picture."""
    events = toy_events([("e", "u", "A", 3.3, -7.1, "toxic", 1e-5, [Toy(PLUME, 1e5, 3.0, 1.0), None])], 2)
    wind, raster = rose(2), square(251)
    angle, radius = np.arange(720) * 2.0 * np.pi / 720, GRID.radius[GRID.radius < 3500.0]
    polar = np.stack([3.3 + radius[:, None] * np.cos(angle), -7.1 + radius[:, None] * np.sin(angle)], axis=2)
    risk = individual_risk(events, wind, GRID, raster, polar.reshape(-1, 2))
    thin = Raster(raster.x0, raster.y0, 2.0 * raster.cell, (raster.nx + 1) // 2, (raster.ny + 1) // 2)
    inputs = arrays(events, wind)
    cells = [(float(x), float(y)) for y in thin.y for x in thin.x]
    want = on_threads(lambda x, y: individual_at(x, y, *inputs, 100), cells).reshape(thin.ny, thin.nx)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(want >= _LEAST, 100.0 * np.abs(risk.values[::2, ::2] / want - 1.0), np.nan)
    figure = Figure(figsize=(12.0, 3.8), layout="constrained")
    field, grid, difference = figure.subplots(1, 3)
    scale = LogNorm(_LEAST, 1e-6)
    shown = np.where(risk.points >= _LEAST, risk.points, np.nan).reshape(radius.size, angle.size)
    drawn = field.pcolormesh(np.degrees(angle), radius, shown, norm=scale, rasterized=True)
    field.set(yscale="log", xlabel="direction from east, anticlockwise / °", ylabel="distance / m")
    field.set_title("polar field, 1/yr")
    figure.colorbar(drawn, ax=field)
    for axes, where, values, title, norm in (
        (grid, raster, np.where(risk.values >= _LEAST, risk.values, np.nan), "raster, 1/yr", scale),
        (difference, thin, error, "difference to brute force, %", LogNorm(1e-6, 1.0)),
    ):
        drawn = axes.pcolormesh(where.x, where.y, values, norm=norm, rasterized=True)
        axes.set(aspect="equal", title=title, xlabel="x / m", ylabel="y / m")
        figure.colorbar(drawn, ax=axes)
    figure.savefig(target, dpi=150, metadata={"Date": None} if target.suffix == ".svg" else None)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="picture of individual risk around one source")
    parser.add_argument("target", type=Path)
    draw(parser.parse_args().target)


if __name__ == "__main__":
    main()
