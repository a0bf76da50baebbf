"""Individual risk at any place asked for, and what it is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.increment import of_whole_units
from parkrisk.risk.individual import LOCATION_SPECIFIC, WITH_PRESENCE, IndividualRisk, Raster, risk_sums
from parkrisk.risk.mapping.loads import Presence
from parkrisk.risk.origins import by_origin
from parkrisk.risk.result import Assessment, plain
from parkrisk.risk.sharing import Progress
from parkrisk.risk.tables import contribution_table, part_table
from parkrisk.scenarios.receptors import wind_rose

__all__ = ["PlaceRisk", "risk_at"]


@dataclass(frozen=True)
class PlaceRisk:
    """Individual risk at places.

    Parameters
    ----------
    quantity : str
        "location_specific": of a person who is always there, outdoors and unprotected. "with_presence_and_shelter": of
        one who is there and indoors a stated share of the time.
    places : DataFrame
        place (1, 2 ... as asked), x, y [m], individual_risk [1/yr].
    sources : DataFrame
        place, rank, unit_id, individual_risk [1/yr], share: the largest sources.
    parts : DataFrame
        place, by ("outcome", "weather", "wind_from"), rank, part, individual_risk [1/yr], share.
    """

    quantity: str
    places: pd.DataFrame
    sources: pd.DataFrame
    parts: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain lists and numbers."""
        tables = {"places": self.places, "sources": self.sources, "parts": self.parts}
        return {"quantity": self.quantity} | {name: plain(table) for name, table in tables.items()}


def risk_at(
    result: Assessment, xy: ArrayLike, *, presence: Presence | None = None, progress: Progress | None = None
) -> PlaceRisk:
    """Individual risk at places, computed from positions.

    Parameters
    ----------
    result : Assessment
        Its events, those of cascades among them, its wind and its settings are used.
    xy : array, shape (n_places, 2)
        In the park's CRS. [m]
    presence : Presence, optional
        Without it the location-specific risk that limits are set for.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    PlaceRisk

    Raises
    ------
    ParkRiskError
        A coordinate is not a finite number, or there is no place.
    OutOfRange
        Shares of presence are impossible.

    Notes
    -----
    Risk at the place of a target is that of the target, bit for bit. A place nearer to a source than the first ring of
    the polar grid has the risk of that ring.
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if not points.size:
        raise ParkRiskError("没有给出地点", "no place is given")
    settings, wind = result.settings, wind_rose(result.park)
    library = library_for(result.events.outcomes, settings.grid)
    nowhere = Raster(float(points[0, 0]), float(points[0, 1]), 1.0, 1, 1)
    sums = risk_sums(
        by_origin(result.events),
        wind,
        settings.grid,
        nowhere,
        points,
        rose=settings.wind_rose,
        presence=presence,
        library=library,
        progress=progress,
    )
    quantity = LOCATION_SPECIFIC if presence is None else WITH_PRESENCE
    found = IndividualRisk.of(of_whole_units(sums), nowhere, rose=settings.wind_rose, quantity=quantity)
    names = pd.Series(np.arange(1, len(points) + 1), name="place")
    places = pd.DataFrame({"place": names, "x": points[:, 0], "y": points[:, 1], "individual_risk": found.points})
    return PlaceRisk(found.quantity, places, contribution_table(names, found), part_table(names, wind, found))
