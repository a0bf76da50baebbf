"""Ideal mixtures of listed substances: Raoult's law, ideal volumes, Le Chatelier's rule.

A mixture offers what models ask of a substance. It is released, burns and poisons as a whole: what boils off first is
not followed.
"""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.substance import flammability, thermo
from parkrisk.models.substance.correlations import GAS_CONSTANT, Property
from parkrisk.models.substance.hazard_data import Note
from parkrisk.models.substance.substances import Substance, find

__all__ = ["Mixture", "mixture"]

_ATMOSPHERE = 101_325.0  # Pa
_RANKS = ("low", "medium", "high")
_EXPOSURE = 30.0  # min, at which the poisons of a mixture are compared
_SUM_TOLERANCE = 1e-6
_WORST = {"V": 0, "1": 1, "M": 2}


@dataclass(frozen=True)
class Mixture(Substance):
    """An ideal mixture; equal and hashed by what is in it.

    Parameters
    ----------
    components : tuple of (Substance, float)
        With their mass fractions, in the order of the CAS numbers.
    """

    components: tuple[tuple[Substance, float], ...] = field(default=(), compare=False)

    @functools.cached_property
    def mole_fractions(self) -> tuple[float, ...]:
        """Of the components. [-]"""
        moles = [share / each.molar_mass for each, share in self.components]
        return tuple(mole / sum(moles) for mole in moles)

    def property(self, name: str, temperature: float | None = None) -> Property:
        """Give a property of the mixture as ``Substance.property``; its mark is the weakest of its components'."""
        if temperature is None:
            found = self._constant(name)
            if found is None:
                raise self._missing(name)
            return found
        if name not in thermo.TEMPERATURE_PROPERTIES:
            raise self._missing(name)
        value: float = getattr(self, name)(temperature)
        pure = [each.property(name, temperature) for each, _ in self.components]
        return self._property(value, pure[0].unit, "ideal mixture", [each.mark for each in pure])

    def _missing(self, name: str) -> MissingProperty:
        return MissingProperty(f"{self.name_zh}缺少性质 {name}", f"{self.name_en} has no {name}")

    def _property(self, value: float, unit: str, rule: str, marks: list[str]) -> Property:
        names = ", ".join(each.name_en for each, _ in self.components)
        return Property(value, unit, f"{rule} of {names}", max(marks, key=_WORST.__getitem__))

    def note(self, name: str) -> Note | None:  # noqa: ARG002
        """Texts are those of pure substances; None."""
        return None

    @functools.cached_property
    def _constants(self) -> dict[str, Property | None]:
        return {}

    def _constant(self, name: str) -> Property | None:
        if name not in self._constants:
            rule = _CONSTANTS.get(name)
            self._constants[name] = None if rule is None else rule(self)
        return self._constants[name]

    def by_mass(self, value: Callable[[Substance], float]) -> float:
        """Mean of a specific property of the components."""
        return sum(share * value(each) for each, share in self.components)

    def by_mole(self, value: Callable[[Substance], float]) -> float:
        """Mean of a molar property of the components."""
        return sum(x * value(each) for (each, _), x in zip(self.components, self.mole_fractions, strict=True))

    def vapour_pressure(self, temperature: float) -> float:
        """Bubble pressure by Raoult's law [Pa] at a temperature [K]."""
        return self.by_mole(lambda each: volatility(each, temperature))

    def dew_pressure(self, temperature: float) -> float:
        """Pressure at which the first drop forms [Pa], at a temperature [K]."""
        return 1.0 / self.by_mole(lambda each: 1.0 / volatility(each, temperature))

    def boiling_temperature(self, pressure: float) -> float:
        """Bubble temperature [K] at a pressure [Pa]."""
        return self._temperature_of(self.vapour_pressure, pressure)

    def dew_temperature(self, pressure: float) -> float:
        """Temperature [K] at which the first drop forms, at a pressure [Pa]."""
        return self._temperature_of(self.dew_pressure, pressure)

    def _temperature_of(self, curve: Callable[[float], float], pressure: float) -> float:
        from scipy.optimize import brentq  # slow to import

        if not 0.0 < pressure < self.critical_pressure:
            raise OutOfRange(
                f"{self.name_zh}在 {pressure} Pa 没有沸点", f"{self.name_en} does not boil at {pressure} Pa"
            )
        low = 0.3 * min(each.critical_temperature for each, _ in self.components)
        high = max(each.critical_temperature for each, _ in self.components)

        def excess(temperature: float) -> float:
            return math.log(curve(temperature) / pressure)

        if excess(low) > 0.0 or excess(high) < 0.0:
            raise OutOfRange(
                f"{self.name_zh}在 {pressure} Pa 的沸点超出范围",
                f"the boiling temperature of {self.name_en} at {pressure} Pa is out of range",
            )
        return float(brentq(excess, low, high, xtol=1e-9, rtol=1e-12))

    def liquid_density(self, temperature: float) -> float:
        """Density of the liquid without change of volume on mixing [kg/m³] at a temperature [K]."""
        return 1.0 / self.by_mass(lambda each: 1.0 / each.liquid_density(temperature))

    def liquid_heat_capacity(self, temperature: float) -> float:
        """Heat capacity of the liquid [J/(kg·K)] at a temperature [K]."""
        return self.by_mass(lambda each: each.liquid_heat_capacity(temperature))

    def heat_of_vaporisation(self, temperature: float) -> float:
        """Heat to evaporate the whole mixture at a temperature [J/kg], [K]."""
        return self.by_mass(lambda each: each.heat_of_vaporisation(temperature))

    def gas_heat_capacity(self, temperature: float) -> float:
        """Heat capacity of the ideal gas [J/(kg·K)] at a temperature [K]."""
        return self.by_mass(lambda each: each.gas_heat_capacity(temperature))

    def surface_tension(self, temperature: float) -> float:
        """Mole-weighted surface tension [N/m] at a temperature [K]."""
        return self.by_mole(lambda each: each.surface_tension(temperature))

    def gas_density(self, temperature: float, pressure: float) -> float:
        """Density of the gas by Amagat's law [kg/m³]."""
        return 1.0 / self.by_mass(lambda each: 1.0 / each.gas_density(temperature, pressure))

    @functools.cached_property
    def is_flammable(self) -> bool:
        """Whether the mixture has a lower flammability limit, or a flash point."""
        return self._constant("lfl") is not None or self._constant("flash_point") is not None

    @functools.cached_property
    def is_toxic(self) -> bool:
        """Whether a component is."""
        return any(each.is_toxic for each, _ in self.components)

    @functools.cached_property
    def _poisons(self) -> list[tuple[float, tuple[float, float, float]]]:
        """Probits for the concentration of the mixture, each with the concentration that kills half, lowest first."""
        found = []
        for each, share in self.components:
            pure = each.toxic_probit()
            if pure is not None:
                a, b, n = pure
                shifted = a + b * n * math.log(share)
                half = math.exp(((5.0 - shifted) / b - math.log(_EXPOSURE)) / n)
                found.append((half, (shifted, b, n)))
        return sorted(found)

    def toxic_probit(self) -> tuple[float, float, float] | None:
        """Probit of the component that poisons most, for the concentration of the whole mixture; None: of none.

        Notes
        -----
        Pr = a + b ln((w C)ⁿ t), w the mass fraction; most: with the lowest LC50 at 30 min. The others are left out,
        which the flag ``mixture_one_poison`` says.
        """
        return self._poisons[0][1] if self._poisons else None

    @functools.cached_property
    def _reactivity(self) -> Note | None:
        ranked = [each.reactivity for each, _ in self.components if each.is_flammable]
        if not ranked:
            return None
        return Note(max(ranked, key=_RANKS.index), "the most reactive component", "M")

    @functools.cached_property
    def burning_velocity_class(self) -> str:
        """Of the fastest burning component."""
        ranked = [each.burning_velocity_class for each, _ in self.components if each.is_flammable]
        return max(ranked, key=_RANKS.index, default="medium")

    @functools.cached_property
    def burning_rate(self) -> flammability.BurningRate:
        """Pool burning rate by Burgess' estimate from the heats of the mixture."""
        return flammability.burning_rate(self)

    @functools.cached_property
    def assumptions(self) -> tuple[str, ...]:
        """Codes of what was assumed: those of the components, and of the mixture."""
        codes = ["ideal_mixture"]
        for each, _ in self.components:
            codes += each.assumptions
        if len(self._poisons) > 1:
            codes.append("mixture_one_poison")
        return tuple(dict.fromkeys(codes))


def volatility(substance: Substance, temperature: float) -> float:
    """Vapour pressure of a component [Pa] at a temperature [K], also where a pure liquid does not exist.

    Outside its correlations ln p is a straight line over 1/T, through the boiling and the critical point.
    """
    if not 0.0 < temperature < math.inf:
        raise OutOfRange(f"温度 {temperature} 无效", f"temperature {temperature} is not valid")
    if temperature < substance.critical_temperature:
        try:
            return substance.vapour_pressure(temperature)
        except OutOfRange:
            pass
    boiling, critical = substance.boiling_point, substance.critical_temperature
    if temperature < boiling:
        heat = substance.heat_of_vaporisation(boiling) * substance.molar_mass / GAS_CONSTANT
        return _ATMOSPHERE * math.exp(-heat * (1.0 / temperature - 1.0 / boiling))
    slope = math.log(substance.critical_pressure / _ATMOSPHERE) / (1.0 / boiling - 1.0 / critical)
    return substance.critical_pressure * math.exp(slope * (1.0 / critical - 1.0 / temperature))


def _le_chatelier(name: str) -> Callable[[Mixture], Property | None]:
    def rule(mixed: Mixture) -> Property | None:
        total, marks = 0.0, []
        for (each, _), x in zip(mixed.components, mixed.mole_fractions, strict=True):
            pure = each._constant(name)
            if pure is not None:
                total += x / pure.value
                marks.append(pure.mark)
            elif each.is_flammable:
                return None
        if total <= 1.0:  # too much of what does not burn
            return None
        return mixed._property(1.0 / total, "mole fraction", "Le Chatelier's rule", marks)

    return rule


def _mean(name: str, unit: str, *, by_mole: bool, absent: float | None = None) -> Callable[[Mixture], Property | None]:
    def rule(mixed: Mixture) -> Property | None:
        pure = [each._constant(name) for each, _ in mixed.components]
        if absent is None and None in pure:
            return None
        marks = [each.mark for each in pure if each is not None]
        if not marks:
            return None
        weights = mixed.mole_fractions if by_mole else [share for _, share in mixed.components]
        values = [absent if each is None else each.value for each in pure]
        total = sum(weight * (value or 0.0) for weight, value in zip(weights, values, strict=True))
        return mixed._property(total, unit, "mean", marks)

    return rule


def _boiling_point(mixed: Mixture) -> Property:
    marks = [each.property("boiling_point").mark for each, _ in mixed.components]
    return mixed._property(mixed.boiling_temperature(_ATMOSPHERE), "K", "bubble point by Raoult's law", marks)


def _flash_point(mixed: Mixture) -> Property | None:
    """Temperature at which the components' vapours, each over that at its own flash point, add up to 1."""
    from scipy.optimize import brentq  # slow to import

    pairs = [(each, x) for (each, _), x in zip(mixed.components, mixed.mole_fractions, strict=True)]
    burning = [(each, x, each._constant("flash_point")) for each, x in pairs if each.is_flammable]
    known = [(each, x, point) for each, x, point in burning if point is not None]
    if not known or len(known) < len(burning):
        return None

    def excess(temperature: float) -> float:
        parts = (x * volatility(each, temperature) / volatility(each, point.value) for each, x, point in known)
        return math.log(sum(parts))

    low, high = 150.0, max(each.critical_temperature for each, _, _ in known)
    if excess(high) < 0.0:
        return None
    value = float(brentq(excess, low, high))
    rule = "Liaw 2002, ideal: sum of x p(T)/p(T_flash) = 1"
    return mixed._property(value, "K", rule, [point.mark for _, _, point in known])


_CONSTANTS: dict[str, Callable[[Mixture], Property | None]] = {
    "molar_mass": lambda mixed: mixed._property(
        1.0 / mixed.by_mass(lambda each: 1.0 / each.molar_mass), "kg/mol", "mean", ["V"]
    ),
    "boiling_point": _boiling_point,
    "flash_point": _flash_point,
    "critical_temperature": _mean("critical_temperature", "K", by_mole=True),
    "critical_pressure": _mean("critical_pressure", "Pa", by_mole=True),
    "heat_of_combustion": _mean("heat_of_combustion", "J/kg", by_mole=False, absent=0.0),
    "lfl": _le_chatelier("lfl"),
    "ufl": _le_chatelier("ufl"),
}


def mixture(composition: Mapping[str, float]) -> Substance:
    """Ideal mixture of listed substances.

    Parameters
    ----------
    composition : mapping of str to float
        CAS number or name of each component, and its mass fraction; they sum to 1 within 1e-6. [-]

    Returns
    -------
    Substance
        A ``Mixture``, equal to any other of the same components and fractions; the pure substance if there is one only.

    Raises
    ------
    OutOfRange
        No component, a fraction that is not positive, one substance named twice, or fractions that do not sum to 1.
    UnknownSubstance

    Notes
    -----
    Bubble and dew point: Raoult. Volumes, heat capacities, heats of vaporisation and of combustion: ideal. Critical
    point: Kay's means. Flammability limits: Le Chatelier; what does not burn only dilutes. Flash point: Liaw. Poison:
    see ``Mixture.toxic_probit``. Not for mixtures far from ideal: alcohols or acids in water or hydrocarbons.

    Examples
    --------
    Half propane, half n-butane, at 20 °C:

    >>> lpg = mixture({"propane": 0.5, "n-butane": 0.5})
    >>> round(lpg.vapour_pressure(293.15) / 1e5, 2)
    5.65
    """
    found: dict[Substance, float] = {}
    for key, share in composition.items():
        component = find(key)
        if component in found:
            raise OutOfRange(f"{component.name_zh}重复出现", f"{component.name_en} is named twice")
        if not 0.0 < share <= 1.0 + _SUM_TOLERANCE:
            raise OutOfRange(f"{key} 的质量分数 {share} 无效", f"the mass fraction {share} of {key} is not valid")
        found[component] = float(share)
    total = sum(found.values())
    if not abs(total - 1.0) <= _SUM_TOLERANCE:
        raise OutOfRange(f"质量分数之和为 {total}，应为 1", f"the mass fractions sum to {total}, not 1")
    if len(found) == 1:
        return next(iter(found))
    ordered = sorted(found.items(), key=lambda item: item[0].cas)
    parts = tuple((component, share / total) for component, share in ordered)
    key = "mixture:" + ";".join(f"{component.cas}={share!r}" for component, share in parts)
    zh = "、".join(f"{component.name_zh} {100.0 * share:.3g} %" for component, share in parts)
    en = ", ".join(f"{component.name_en} {100.0 * share:.3g} %" for component, share in parts)
    return Mixture(key, f"混合物（{zh}）", f"mixture of {en}", components=parts)
