"""Common causes: an earthquake or a thunderstorm that fails several units at once.

A cause has levels. Given its level, units fail independently of each other; what they share is the level.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.air import lightning as bolts
from parkrisk.models.vulnerability import seismic
from parkrisk.scenarios.facility.network import Floats, Keys, id_keys
from parkrisk.scenarios.natural.hazard_curve import Shaking
from parkrisk.scenarios.natural.natech_file import Earthquake, Lightning

__all__ = ["CommonCause", "earthquake_cause", "lightning_cause", "structures"]


@dataclass(frozen=True)
class CommonCause:
    """One common cause.

    Parameters
    ----------
    name : str
        "earthquake" or "lightning".
    intensity : array, shape (n_levels,)
        What stands for each level: PGA [g]; thunder days per year.
    frequency : array, shape (n_levels,)
        Of each level. [1/yr]
    failure : array, shape (n_levels, n_units)
        Chance that each unit loses its content, given the level.
    extended : bool array, shape (n_levels,)
        Whether the level lies beyond what the input says.
    water_fails : array, shape (n_levels,)
        Chance that the supplies of fire water are lost.
    response_factor : float
        How many times as long the response takes as in a single fire.
    ignites : bool
        Whether the cause itself ignites what it sets free.
    flags : tuple of str
        Codes of what is unverified or assumed.
    """

    name: str
    intensity: Floats
    frequency: Floats
    failure: Floats
    extended: NDArray[np.bool_]
    water_fails: Floats
    response_factor: float
    ignites: bool
    flags: tuple[str, ...]

    @property
    def keys(self) -> Keys:
        """Keys of the levels for their draws, shape (n_levels,)."""
        return id_keys(f"{self.name}/{value!r}" for value in self.intensity.tolist())


def structures(units: pd.DataFrame, park_units: pd.DataFrame) -> pd.DataFrame:
    """Units of a facility with their height. [m]

    Parameters
    ----------
    units : DataFrame
        As `parkrisk.scenarios.facility.graph.unit_table` gives them.
    park_units : DataFrame
        The park's units table. Without a height a unit is as high as wide (a sphere).
    """
    own = park_units.set_index(park_units["unit_id"].astype(str))
    height = own["height_m"].fillna(own["diameter_m"]).fillna(bolts.unknown_height())
    return units.assign(height_m=height.reindex(units["unit_id"]).to_numpy(float))


def earthquake_cause(units: pd.DataFrame, quake: Earthquake, levels: Shaking) -> CommonCause:
    """What levels of shaking do; the ground shakes alike all over the park.

    Parameters
    ----------
    units : DataFrame
        As `structures` gives them.
    quake : Earthquake
    levels : Shaking
        As `parkrisk.scenarios.natural.hazard_curve` makes them of its curve, or of one earthquake that is given.
    """
    failure = np.empty((levels.pga.size, len(units)))
    marks: set[str] = set()
    for (kind, name), rows in _alike(units).items():
        own = quake.fragility.get(kind)
        curves = seismic.fragility_curves(name, quake.damage_state) if own is None else (own,)
        failure[:, rows] = seismic.failure_probability(levels.pga, curves)[:, None]
        by_class = {"natech_fragility_by_class", *seismic.flags(name)}
        marks |= by_class if own is None else {"natech_own_fragility"}
    marks.add("natech_independent")
    if quake.fire_water_fails is None:
        marks.add("natech_fire_water")
    if levels.extended.any():
        marks.add("natech_extended")
    if quake.response_factor is None:
        marks.add("natech_response")
    factor = quake.response_factor or 1.0
    return CommonCause(
        "earthquake",
        levels.pga,
        levels.frequency,
        failure,
        levels.extended,
        quake.water_fails(levels.pga),
        factor,
        False,
        tuple(sorted(marks)),
    )


def _alike(units: pd.DataFrame) -> dict[tuple[str, str], NDArray[np.intp]]:
    """Rows of units of the same kind and equipment class."""
    groups = units.groupby(["kind", "equipment_class"]).indices
    return cast("dict[tuple[str, str], NDArray[np.intp]]", groups)


def lightning_cause(units: pd.DataFrame, storms: Lightning) -> CommonCause:
    """One level, the thunderstorm: flashes strike units independently of each other, several in one storm if so.

    Parameters
    ----------
    units : DataFrame
        As `structures` gives them.
    storms : Lightning

    Notes
    -----
    A unit is struck N = N_G A_D C_D times a year; in one of T_D storms the chance that it is lost is
    1 - exp(-N P_B P_loss / T_D). Collection areas of neighbours overlap, which the location factor allows for.
    """
    days = storms.thunder_days
    density = bolts.ground_flash_density(days) if storms.flash_density is None else 1e-6 * storms.flash_density
    area = bolts.collection_area(2.0 * units["radius_m"].to_numpy(float), units["height_m"].to_numpy(float))
    strikes = density * area * bolts.location_factor(storms.location)
    lost = np.array([bolts.loss_probability(name) for name in units["equipment_class"]], dtype=np.float64)
    lost *= bolts.protection_factor(storms.protection or "none")
    marks = {"natech_independent", "natech_ignited_by_lightning", *bolts.flags()}
    if storms.protection is None:
        marks.add("natech_unprotected")
    if storms.flash_density is None:
        marks.add("natech_flash_density")
    return CommonCause(
        "lightning",
        np.array([days]),
        np.array([days]),
        -np.expm1(-strikes * lost / days)[None, :],
        np.zeros(1, dtype=np.bool_),
        np.zeros(1),
        1.0,
        True,
        tuple(sorted(marks)),
    )
