"""Substances: who they are and what is known of them, every value with its source.

Look-up is by CAS number, Chinese name, English name or alias. Constants and hazard data come from
``parkrisk.models.substance.hazard_data``, properties of a temperature from ``parkrisk.models.substance.thermo``.

A petroleum cut, or an isomer mixture, borrows what it lacks from a pure substance, its ``surrogate``; every such value
says so in its source and is marked unverified.
"""

import functools
import math
from dataclasses import dataclass, field

from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange, UnknownSubstance
from parkrisk.models.substance import flammability, hazard_data, names, resolve, thermo
from parkrisk.models.substance.correlations import GAS_CONSTANT, Constants, Property
from parkrisk.models.substance.hazard_data import Note

__all__ = ["Note", "Property", "Substance", "find", "known", "search"]


@dataclass(frozen=True)
class Substance:
    """One substance; equal and hashed by its CAS number.

    Parameters
    ----------
    cas, name_zh, name_en : str
        CAS number and names; ``aliases`` are further names.
    fluid : str
        CoolProp's name; empty: it has none.
    surrogate_cas : str
        Substance whose properties stand in for missing ones; empty: none.
    """

    cas: str
    name_zh: str = field(compare=False)
    name_en: str = field(compare=False)
    aliases: tuple[str, ...] = field(default=(), compare=False)
    fluid: str = field(default="", compare=False)
    surrogate_cas: str = field(default="", compare=False)

    @functools.cached_property
    def surrogate(self) -> "Substance | None":
        """The pure substance that stands in for what this one lacks."""
        return _by_cas()[self.surrogate_cas] if self.surrogate_cas else None

    def property(self, name: str, temperature: float | None = None) -> Property:
        """Give a property with unit, source and mark.

        Parameters
        ----------
        name : str
            A constant of the table (``"lfl"``, ``"boiling_point"``, ``"erpg2"``, ``"aegl3_60min"`` …), or, with a
            temperature, one of ``thermo.TEMPERATURE_PROPERTIES``.
        temperature : float, optional
            [K]

        Raises
        ------
        MissingProperty
            Nobody has it.
        OutOfRange
            It is known, but not at that temperature.
        """
        if temperature is not None:
            return resolve.at(self, name, temperature)
        found = self._constant(name)
        if found is None:
            raise resolve.missing(self, name)
        return found

    def note(self, name: str) -> Note | None:
        """Give a text of the table (formula, GHS classes, ignition reactivity); None where there is none."""
        return hazard_data.notes().get((self.cas, name))

    def _constant(self, name: str) -> Property | None:
        found = hazard_data.values().get((self.cas, name))
        if found is None and self.surrogate is not None:
            borrowed = self.surrogate._constant(name)
            return None if borrowed is None else resolve.borrowed(borrowed, self.surrogate)
        return found

    @functools.cached_property
    def fit_constants(self) -> Constants:
        """What molar fits and estimates need."""

        def value(name: str) -> float:
            found = hazard_data.values().get((self.cas, name))
            return math.nan if found is None else found.value

        formula = self.note("formula")
        return Constants(
            value("molar_mass"),
            value("boiling_point"),
            value("critical_temperature"),
            value("critical_pressure"),
            value("acentric_factor"),
            "" if formula is None else formula.text,
        )

    @functools.cached_property
    def molar_mass(self) -> float:
        """[kg/mol]."""
        return self.property("molar_mass").value

    @functools.cached_property
    def boiling_point(self) -> float:
        """At 101,325 Pa; of a petroleum cut the initial boiling point. [K]"""
        return self.property("boiling_point").value

    @functools.cached_property
    def critical_temperature(self) -> float:
        """[K]."""
        return self.property("critical_temperature").value

    @functools.cached_property
    def critical_pressure(self) -> float:
        """[Pa]."""
        return self.property("critical_pressure").value

    @functools.cached_property
    def heat_of_combustion(self) -> float:
        """Net (water as vapour), from the state at 25 °C. [J/kg]"""
        return self.property("heat_of_combustion").value

    @functools.cached_property
    def lfl(self) -> float:
        """Lower flammability limit in air. [mole fraction]"""
        return self.property("lfl").value

    @functools.cached_property
    def ufl(self) -> float:
        """Upper flammability limit in air. [mole fraction]"""
        return self.property("ufl").value

    @functools.cached_property
    def flash_point(self) -> float:
        """[K]."""
        return self.property("flash_point").value

    def vapour_pressure(self, temperature: float) -> float:
        """Saturation pressure [Pa] at a temperature [K]."""
        return resolve.at(self, "vapour_pressure", temperature).value

    def liquid_density(self, temperature: float) -> float:
        """Density of the saturated liquid [kg/m³] at a temperature [K]."""
        return resolve.at(self, "liquid_density", temperature).value

    def liquid_heat_capacity(self, temperature: float) -> float:
        """Heat capacity of the liquid at constant pressure [J/(kg·K)] at a temperature [K]."""
        return resolve.at(self, "liquid_heat_capacity", temperature).value

    def heat_of_vaporisation(self, temperature: float) -> float:
        """Heat of vaporisation [J/kg] at a temperature [K]."""
        return resolve.at(self, "heat_of_vaporisation", temperature).value

    def gas_heat_capacity(self, temperature: float) -> float:
        """Heat capacity of the ideal gas at constant pressure [J/(kg·K)] at a temperature [K]."""
        return resolve.at(self, "gas_heat_capacity", temperature).value

    def surface_tension(self, temperature: float) -> float:
        """Surface tension of the liquid against its vapour [N/m] at a temperature [K]."""
        return resolve.at(self, "surface_tension", temperature).value

    def heat_capacity_ratio(self, temperature: float) -> float:
        """Ratio of the ideal gas's heat capacities, cp/cv [-], at a temperature [K]."""
        specific = GAS_CONSTANT / self.molar_mass
        heat_capacity = self.gas_heat_capacity(temperature)
        return heat_capacity / (heat_capacity - specific)

    def gas_density(self, temperature: float, pressure: float) -> float:
        """Density of the gas or vapour [kg/m³]; the ideal gas law where no equation of state is at hand."""
        if not (0.0 < temperature < math.inf and 0.0 < pressure < math.inf):
            raise OutOfRange("温度和压力必须为正", "temperature and pressure must be positive")
        fluid = self.fluid or (
            self.surrogate.fluid if self.surrogate and "molar_mass" not in hazard_data.names(self.cas) else ""
        )
        return thermo.gas_density(fluid, self.molar_mass, temperature, pressure)

    def boiling_temperature(self, pressure: float) -> float:
        """Temperature [K] at which the vapour pressure equals a pressure [Pa]."""
        return resolve.boiling_temperature(self, pressure)

    def phase(self, temperature: float, pressure: float) -> str:
        """Return "gas" (also when supercritical), "liquid" or "solid" at a temperature [K] and pressure [Pa].

        From 90 % of the vapour pressure on it is liquid: readings and nominal values of vessels agree no better.
        """
        if temperature >= self.critical_temperature:
            return "gas"
        melting = self._constant("melting_point")
        margin = constants("hazard_criteria")["saturation_margin"].value
        try:
            if pressure < margin * self.vapour_pressure(temperature):
                return "gas"
        except OutOfRange:
            if temperature > self.boiling_point:
                raise
        return "solid" if melting is not None and temperature < melting.value else "liquid"

    @functools.cached_property
    def is_flammable(self) -> bool:
        """Whether a flammability limit or a flash point is on record."""
        return self._constant("lfl") is not None or self._constant("flash_point") is not None

    @functools.cached_property
    def is_toxic(self) -> bool:
        """Whether it has a toxic probit, is classified acutely toxic, or has a low level 3 emergency guideline.

        Toxic deaths cannot be computed where ``toxic_probit`` is None all the same.
        """
        if self.toxic_probit() is not None:
            return True
        classes = self.note("ghs_classes")
        acute = classes is not None and "Acute Tox." in classes.text
        limit = constants("hazard_criteria")["toxic_guideline"].value
        guidelines = (self._constant(name) for name in ("erpg3", "aegl3_60min", "pac3"))
        return acute or any(each is not None and each.unit == "ppm" and each.value <= limit for each in guidelines)

    @functools.cached_property
    def _gas_at_normal_temperature(self) -> bool:
        boiling = self._constant("boiling_point")
        return boiling is not None and boiling.value < constants("hazard_criteria")["normal_temperature"].value

    def toxic_probit(self) -> tuple[float, float, float] | None:
        """Return (a, b, n) of Pr = a + b ln(Cⁿ t), C in mg/m³ and t in minutes; None where there is none."""
        return hazard_data.toxic_probits().get(self.cas)

    @functools.cached_property
    def burning_rate(self) -> flammability.BurningRate:
        """Pool burning rate: table value, else Burgess' estimate, which says so."""
        return flammability.burning_rate(self)

    @functools.cached_property
    def reactivity(self) -> str:
        """Reactivity for immediate ignition: "low", "medium" or "high"; unlisted substances count as high."""
        found = self._reactivity
        return "high" if found is None else found.text

    @functools.cached_property
    def _reactivity(self) -> Note | None:
        own = self.note("ignition_reactivity")
        return self.surrogate.note("ignition_reactivity") if own is None and self.surrogate is not None else own

    @functools.cached_property
    def burning_velocity_class(self) -> str:
        """Fuel reactivity of the Baker-Strehlow-Tang method: "low", "medium" or "high"."""
        return flammability.burning_velocity_class(self.cas)

    def ignition_category(self, temperature: float) -> str:
        """Category "0" to "4" at an operating temperature [K]; "1" where no flash point is on record; "none"."""
        if not self.is_flammable:
            return "none"
        if self._gas_at_normal_temperature:
            return flammability.ignition_category(None, self.boiling_point, temperature)
        if self._constant("flash_point") is None:
            return "1"
        boiling = self._constant("boiling_point")
        return flammability.ignition_category(
            self.flash_point, math.inf if boiling is None else boiling.value, temperature
        )

    @functools.cached_property
    def assumptions(self) -> tuple[str, ...]:
        """Codes of what was assumed about this substance, whatever the calculation."""
        codes = []
        if self.surrogate_cas:
            codes.append("substance_surrogate")
        if self.is_flammable and self._reactivity is None:
            codes.append("reactivity_unlisted")
        if self.is_flammable and not self._gas_at_normal_temperature and self._constant("flash_point") is None:
            codes.append("flash_point_missing")
        if self.is_toxic and self.toxic_probit() is None:
            codes.append("toxic_without_probit")
        return tuple(codes)


def find(key: str) -> Substance:
    """Find a substance by CAS number, Chinese name, English name or alias.

    Spaces, full-width and traditional characters, kinds of hyphen and the case of letters do not matter, nor does a
    grade behind the name (甲醇(工业级), 92#汽油). A solution is never taken for the pure substance, and a name of
    several substances never for one of them.

    Raises
    ------
    UnknownSubstance
        With the nearest names; of a CAS number what its check digit should be.

    Examples
    --------
    >>> find("液氨").name_en
    'ammonia'
    >>> find("71-43-2") is find("Benzene")
    True
    """
    for spelling in names.spellings(key):
        found = _index().get(spelling)
        if found is not None:
            return found
    raise _unknown(key)


def _one_of(key: str, several: tuple[str, ...]) -> UnknownSubstance:
    """What to say of a word that may mean several substances, some of which the data may lack."""
    listed = _listed([_by_cas()[cas] for cas in several if cas in _by_cas()])
    lacking = ", ".join(cas for cas in several if cas not in _by_cas())
    lacking_zh = f"（未收录：{lacking}）" if lacking else ""
    lacking_en = f" (not in the data: {lacking})" if lacking else ""
    return UnknownSubstance(
        f"“{key}”可指多种物质，请写明其中之一：{listed}{lacking_zh}",
        f"“{key}” may mean several substances; write one of: {listed}{lacking_en}",
    )


def _unknown(key: str) -> UnknownSubstance:
    """What to say of a word that means no one substance for certain."""
    solution, several = names.solution_of(key), names.several(key)
    if solution:
        pure = _listed([_by_cas()[solution]])
        return UnknownSubstance(
            f"“{key}”是水溶液，不按纯物质计算；如确需按纯物质计，请写 {pure}，并给出折纯的质量",
            f"“{key}” is an aqueous solution and is not taken for the pure substance; if it is to count as that, write "
            f"{pure} and give the mass of the pure substance",
        )
    if several:
        return _one_of(key, several)
    near = _listed(list(dict.fromkeys(_index()[name] for name in names.meant(key, _index())))[:5])
    if near and names.stated_share(key) in _index():
        return UnknownSubstance(
            f"“{key}”带有浓度，不能当作纯物质；如按纯物质计，请只写名称或 CAS 号：{near}",
            f"“{key}” states a concentration and is not taken for the pure substance; if it is to count as that, write "
            f"only the name or CAS number: {near}",
        )
    digit = names.check_digit(next(names.spellings(key)))
    last = next(names.spellings(key))[-1:]
    wrong_zh = wrong_en = ""
    if digit is not None and str(digit) != last:
        wrong_zh = f"；CAS 号校验码有误：末位是 {last}，按其余各位应为 {digit}，可能末位或其余某一位写错"
        wrong_en = (
            f"; its check digit is wrong: the last digit is {last} and should be {digit} by the others, so one is wrong"
        )
    hint_zh = f"；相近的有：{near}" if near else ""
    hint_en = f"; near it: {near}" if near else ""
    return UnknownSubstance(f"未知物质“{key}”{wrong_zh}{hint_zh}", f"unknown substance “{key}”{wrong_en}{hint_en}")


def _listed(found: list[Substance]) -> str:
    return ", ".join(f"{each.name_zh} {each.name_en} ({each.cas})" for each in found)


def search(words: str) -> tuple[Substance, ...]:
    """Substances whose CAS number, name or alias holds some words: those called so first, then as the table has them.

    Examples
    --------
    >>> [each.name_en for each in search("氨")][:2]
    ['ammonia', 'hydrazine']
    """
    sought = names.plain(words)
    called = [found for spelling in names.spellings(words) if (found := _index().get(spelling)) is not None]
    holding = [substance for name, substance in _index().items() if sought in name]
    order = {cas: place for place, cas in enumerate(_by_cas())}
    return tuple(dict.fromkeys([*called, *sorted(holding, key=lambda each: order[each.cas])]))


def known() -> tuple[Substance, ...]:
    """All substances, in the order of the table."""
    return tuple(_by_cas().values())


@functools.cache
def _by_cas() -> dict[str, Substance]:
    return {
        row["cas"]: Substance(
            row["cas"],
            row["name_zh"],
            row["name_en"],
            tuple(filter(None, row["aliases"].split(";"))),
            row["fluid"],
            row["surrogate"],
        )
        for row in rows("substances")
    }


@functools.cache
def _index() -> dict[str, Substance]:
    index: dict[str, Substance] = {}
    for substance in _by_cas().values():
        for name in (substance.cas, substance.name_zh, substance.name_en, *substance.aliases):
            index.setdefault(names.plain(name), substance)
    return index
