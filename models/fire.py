"""Fires: what radiates heat, each with its flux, footprint and casualty radii."""

from parkrisk.models.fireball import Fireball
from parkrisk.models.jet_fire import JetFire
from parkrisk.models.pool_fire import PoolFire, SpreadingPoolFire
from parkrisk.models.pool_flame import burgess_burning_rate, burning_rate, flame_drag, flame_surface, trench_drag
from parkrisk.models.trench_fire import TrenchFire

__all__ = [
    "Fireball",
    "JetFire",
    "PoolFire",
    "SpreadingPoolFire",
    "TrenchFire",
    "burgess_burning_rate",
    "burning_rate",
    "flame_drag",
    "flame_surface",
    "trench_drag",
]
