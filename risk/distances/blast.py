"""The accident-consequence method: all explosives of an installation go off at once, on open ground."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from parkrisk.models.blast.condensed import CondensedExplosion, tnt_equivalence
from parkrisk.models.blast.tnt import tnt_mass
from parkrisk.models.errors import MissingProperty, OutOfRange, UnknownSubstance
from parkrisk.models.substance.substances import find
from parkrisk.risk.distances.installations import Term, explosives
from parkrisk.risk.rules.judge import weakest

__all__ = ["Charge", "charge_of", "distance"]


@dataclass(frozen=True)
class Charge:
    """What explodes.

    Parameters
    ----------
    tnt : float
        Equivalent mass of TNT of all that is known. [kg]
    unit_ids : tuple of str
        Where it may go off.
    missing : tuple of str
        What is not known: the mass is then only a lower bound.
    mark : str
        Weakest mark of the equivalences in it.
    """

    tnt: float
    unit_ids: tuple[str, ...]
    missing: tuple[str, ...]
    mark: str = "V"


def charge_of(terms: Sequence[Term]) -> Charge:
    """Charge of an installation at its design maximum.

    Parameters
    ----------
    terms : sequence of mappings
        Rows of `HazardTable.terms`.

    Notes
    -----
    TNT equivalence where it is listed; otherwise the whole heat of combustion, as events of explosives stores do.
    """
    masses, marks, missing = [], ["V"], []
    found = explosives(terms)
    for term in found:
        cas, unit = str(term["cas"]), str(term["unit_id"])
        if math.isnan(term["mass_t"]):
            missing.append(f"units.{unit}.mass_t[{cas}]")
            continue
        try:
            tnt, mark = _equivalent(cas, 1e3 * float(term["mass_t"]))
        except (MissingProperty, OutOfRange, UnknownSubstance):
            missing.append(f"tnt_equivalents[{cas}]")
            continue
        masses.append(tnt)
        marks.append(mark)
    units = tuple(sorted({str(term["unit_id"]) for term in found}))
    return Charge(math.fsum(masses), units, tuple(missing), weakest(marks))


def _equivalent(cas: str, mass: float) -> tuple[float, str]:
    try:
        return CondensedExplosion.of(cas, mass).tnt_mass, tnt_equivalence(cas).mark
    except OutOfRange:
        return tnt_mass(mass * find(cas).heat_of_combustion), "M"


@functools.lru_cache(maxsize=1024)
def distance(tnt: float, overpressure: float) -> float:
    """Distance beyond which a charge [kg of TNT] on the ground makes less than an overpressure [Pa]. [m]

    Raises
    ------
    OutOfRange
        No such charge, or the distance is beyond 100 km.
    """
    return CondensedExplosion(mass=tnt, equivalence=1.0).radius(overpressure)
