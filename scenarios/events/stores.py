"""Stores that burn or detonate as a whole."""

import math
from collections.abc import Sequence

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.blast.condensed import CondensedExplosion
from parkrisk.models.blast.explosion import Explosion
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.fire.pool_flame import flame_surface
from parkrisk.models.release.hole import Vessel
from parkrisk.scenarios.events.outcomes import Branch

__all__ = ["burning_store", "detonation"]


def detonation(contained: Vessel, n_weathers: int, air_pressure: float) -> Branch:
    """Mass detonation of a store of explosives."""
    substance = contained.substance
    try:
        charge = CondensedExplosion.of(substance.cas, contained.mass)
    except OutOfRange:
        blast = Explosion(
            mass=contained.mass,
            heat_of_combustion=substance.heat_of_combustion,
            share=1.0,
            method="tnt",
            air_pressure=air_pressure,
        )
        flags = ("unverified:detonation_energy",)
        return Branch("detonation", 1.0, (blast,) * n_weathers, "mass detonation", "M", flags)
    return Branch("detonation", 1.0, (charge,) * n_weathers, "mass detonation, TNT equivalence", "1", ())


def burning_store(vessel: Vessel, weathers: Sequence[Weather], floor_area: float) -> tuple[Branch, ...]:
    """Fire of a store: its content burns on the floor as a pool; a content that does not burn makes none.

    Raises
    ------
    OutOfRange
        The floor area is not known.
    """
    substance = vessel.substance
    if not substance.is_flammable:
        return ()
    if not floor_area > 0.0:
        raise OutOfRange(
            "仓库火灾需要库房面积（填在 bund_area_m2）", "the fire of a store needs its floor area (in bund_area_m2)"
        )
    burning = substance.burning_rate
    diameter = math.sqrt(4.0 * floor_area / math.pi)
    flux = burning.m_inf * -math.expm1(-burning.k_beta * diameter)
    duration = vessel.mass / (flux * floor_area)
    fires = tuple(
        PoolFire(diameter, flux, substance.heat_of_combustion, duration, weather, *flame_surface(substance.cas))
        for weather in weathers
    )
    flags = (*substance.assumptions, *burning.flags)
    return (Branch("pool_fire", 1.0, fires, "the frequency is that of a fire", "V", flags),)
