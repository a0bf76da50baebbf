"""How a property of a substance is found: its own value, a scaled estimate, that of its surrogate, or an error."""

import functools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.substance import hazard_data, thermo
from parkrisk.models.substance.correlations import Property

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

_DENSITY_REFERENCE = 288.15  # K, 15 °C of petroleum densities
_ROOM = 293.15  # K, of other densities


def missing(substance: "Substance", name: str) -> MissingProperty:
    """Error that names substance and property."""
    return MissingProperty(
        f"{substance.name_zh}（{substance.cas}）缺少性质 {name}",
        f"{substance.name_en} ({substance.cas}) has no {name}",
    )


def borrowed(found: Property, surrogate: "Substance") -> Property:
    """Property of a surrogate, marked as such."""
    return replace(found, source=f"surrogate {surrogate.name_en} ({surrogate.cas}): {found.source}", mark="M")


def _anchored(substance: "Substance", found: Property, temperature: float) -> Property:
    """Scale an estimated density to the measured one at 20 °C, if there is one."""
    measured = hazard_data.values().get((substance.cas, "liquid_density_20c"))
    if measured is None:
        return found
    fit = substance.fit_constants
    reference = thermo.at(substance.cas, substance.fluid, "liquid_density", fit, _ROOM)
    if reference is None:
        return found
    source = f"{measured.source}; {found.source}"
    mark = measured.mark if abs(temperature - _ROOM) < 40.0 else "M"
    return Property(measured.value * found.value / reference.value, found.unit, source, mark)


@functools.lru_cache(maxsize=100_000)
def at(substance: "Substance", name: str, temperature: float) -> Property:
    """Property of a temperature [K]; raises MissingProperty or OutOfRange."""
    if name not in thermo.TEMPERATURE_PROPERTIES:
        raise missing(substance, name)
    reference = hazard_data.values().get((substance.cas, "liquid_density_15c"))
    surrogate = substance.surrogate
    if name == "liquid_density" and reference is not None and surrogate is not None:
        # The cut expands as its surrogate does.
        expansion = surrogate.liquid_density(temperature) / surrogate.liquid_density(_DENSITY_REFERENCE)
        return replace(reference, value=reference.value * expansion)
    fit = substance.fit_constants
    found = thermo.at(substance.cas, substance.fluid, name, fit, temperature)
    if found is not None:
        return _anchored(substance, found, temperature) if name == "liquid_density" else found
    fits = thermo.candidates(substance.cas, substance.fluid, name, fit)
    if not fits and surrogate is not None:
        return borrowed(at(surrogate, name, temperature), surrogate)
    if not fits:
        raise missing(substance, name)
    ranges = ", ".join(f"{each.low:.2f}–{each.high:.2f} K" for each in fits)
    raise OutOfRange(
        f"{substance.name_zh}（{substance.cas}）的 {name} 在 {temperature:.2f} K 无数据，已知范围 {ranges}",
        f"{name} of {substance.name_en} ({substance.cas}) is not known at {temperature:.2f} K, only at {ranges}",
    )


@functools.lru_cache(maxsize=10_000)
def boiling_temperature(substance: "Substance", pressure: float) -> float:
    """Temperature [K] at which the vapour pressure equals a pressure [Pa]; raises OutOfRange, MissingProperty."""
    from scipy.optimize import brentq  # slow to import

    critical = substance.critical_temperature
    if not 0.0 < pressure < substance.critical_pressure:
        raise OutOfRange(
            f"{substance.name_zh} 在 {pressure:.0f} Pa 没有沸点",
            f"{substance.name_en} does not boil at {pressure:.0f} Pa",
        )
    carrier = substance
    if not thermo.candidates(substance.cas, substance.fluid, "vapour_pressure", substance.fit_constants):
        if substance.surrogate is None:
            raise missing(substance, "vapour_pressure")
        carrier = substance.surrogate
    fits = thermo.candidates(carrier.cas, carrier.fluid, "vapour_pressure", carrier.fit_constants)
    low = min(fit.low for fit in fits)
    high = min(max(fit.high for fit in fits), critical) * (1.0 - 1e-6)

    def excess(temperature: float) -> float:
        return math.log(carrier.vapour_pressure(temperature) / pressure)

    if excess(low) > 0.0 or excess(high) < 0.0:
        raise OutOfRange(
            f"{substance.name_zh} 在 {pressure:.0f} Pa 的沸点超出数据范围",
            f"the boiling temperature of {substance.name_en} at {pressure:.0f} Pa is outside the data",
        )
    return float(brentq(excess, low, high, xtol=1e-9, rtol=1e-12))
