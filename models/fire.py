"""Fires: what radiates heat, each with its flux, footprint and casualty radii."""

from parkrisk.models.fireball import Fireball
from parkrisk.models.jet_fire import JetFire
from parkrisk.models.pool_fire import PoolFire, burgess_burning_rate, burning_rate, flame_surface

__all__ = ["Fireball", "JetFire", "PoolFire", "burgess_burning_rate", "burning_rate", "flame_surface"]
