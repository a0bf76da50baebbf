"""What a release becomes: the branches of its event tree, each with a probability and an outcome per weather."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.blast.condensed import CondensedExplosion
from parkrisk.models.blast.explosion import Explosion, default_share
from parkrisk.models.blast.vessel_burst import VesselBurst
from parkrisk.models.cloud.outcomes import FlashFire, ToxicCloud
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.fire.jet_fire import JetFire
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.fire.pool_flame import flame_surface
from parkrisk.models.pool import spill as pools
from parkrisk.models.pool.spill import Pool
from parkrisk.models.release.hole import Release, Vessel
from parkrisk.models.sequence import FlashThenPoolFire
from parkrisk.models.substance.substances import Substance
from parkrisk.scenarios.events.bursts import BurstThenFire
from parkrisk.scenarios.ignition import event_tree as ignition
from parkrisk.scenarios.ignition.event_tree import delayed_ignition, flash_fire_share, immediate_ignition

Fire = PoolFire | JetFire | Fireball
Outcome = (
    Fire | BurstThenFire | FlashFire | FlashThenPoolFire | Explosion | CondensedExplosion | VesselBurst | ToxicCloud
)

#: Blast of a vapour cloud, see ``parkrisk.models.blast.explosion``: a process area congests a part of it.
EXPLOSION_METHOD = "multi_energy"
#: Source class of a congested process area where nothing better is known.
SOURCE_CLASS = 7.0
#: A smaller flammable mass makes no blast that matters. [kg]
LEAST_EXPLOSIVE_MASS = 1.0
#: Height of a leak above ground. [m]
LEAK_HEIGHT = 1.0
#: A pool narrower than this does not burn on. [m]
LEAST_POOL = 0.3
#: A release of which at least this share stays in the air burns as a jet or a fireball, any other as a pool.
SPRAY = 0.5


@dataclass(frozen=True)
class Branch:
    """One outcome of a release.

    Parameters
    ----------
    outcome : str
        pool_fire, jet_fire, fireball, flash_fire, explosion, toxic_cloud, vessel_burst or detonation.
    probability : float
        Given the release.
    per_weather : tuple
        The outcome in each weather class, None where there is none.
    source, mark : str
        Of the probability; the mark is the weakest of its factors.
    flags : tuple of str
        Codes of what was assumed on the way.
    """

    outcome: str
    probability: float
    per_weather: tuple[Outcome | None, ...]
    source: str
    mark: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Spill:
    """A release and what it leaves on the ground and in the air, in one weather."""

    release: Release
    pool: Pool | None
    vapour: VapourSource | None
    weather: Weather


def spill(release: Release, weather: Weather, bund_area: float, bund_height: float = math.inf) -> Spill:
    """Follow a release to its pool and its vapour.

    Vapour and mist of the release itself and what evaporates from the pool enter the air together, at the sum of both
    rates until the mass of both is used up: as a jet, or from the pool where that gives more. A sudden release that
    flashes is one puff of what stays in the air and of what its pool evaporates within an hour, which errs on the safe
    side; one that does not flash enters at the rate of the pool.
    """
    mass = release.pool_mass
    found = None
    if mass > 0.0:
        found = pools.spill(
            release.substance,
            mass,
            release.temperature,
            weather,
            rate=release.pool_rate,
            bund_area=bund_area,
            bund_height=bund_height,
        )
    return Spill(release, found, _vapour(release, found), weather)


def _vapour(release: Release, found: Pool | None) -> VapourSource | None:
    evaporated = 0.0 if found is None else found.evaporated
    mass = release.airborne_mass + evaporated
    if not mass > 0.0:
        return None
    mist = release.airborne_mass - release.flash * release.mass
    if release.is_instantaneous and release.airborne_mass > 0.0:
        return VapourSource(
            substance=release.substance,
            mass=mass,
            duration=0.0,
            temperature=release.temperature,
            mist=max(mist, 0.0) / mass,
        )
    from_pool = 0.0 if found is None else found.vapour_rate
    rate = release.airborne_rate + from_pool
    if found is not None and from_pool > release.airborne_rate:
        return VapourSource(
            substance=release.substance,
            mass=mass,
            duration=mass / rate,
            temperature=found.temperature,
            diameter=found.diameter,
        )
    jet = release.jet
    share = release.airborne_rate / rate
    return VapourSource(
        substance=release.substance,
        mass=mass,
        duration=mass / rate,
        temperature=release.temperature if jet is None else jet.temperature,
        mist=share * (max(mist, 0.0) / release.airborne_mass if jet is None else jet.liquid_fraction),
        velocity=0.0 if jet is None else jet.velocity,
        height=LEAK_HEIGHT,
    )


def branches(
    vessel: Vessel,
    release: Release,
    hole_diameter: float,
    weathers: Sequence[Weather],
    bund_area: float,
    *,
    bund_height: float = math.inf,
    burst: VesselBurst | None = None,
    first: ignition.Branch | None = None,
) -> tuple[Branch, ...]:
    """Branches of the event tree of one release.

    Parameters
    ----------
    vessel : Vessel
    release : Release
    hole_diameter : float
        NaN for a release at once. [m]
    weathers : sequence of Weather
    bund_area, bund_height : float
        Infinite: no bund, or one that never overflows. [m²], [m]
    burst : VesselBurst, optional
        Blast with which the release begins.
    first : parkrisk.scenarios.ignition.event_tree.Branch, optional
        Immediate ignition of a flammable; default: that of a stationary unit.

    Returns
    -------
    tuple of Branch
        Immediate ignition: jet fire of a gas or a strongly flashing liquid, fireball of its sudden loss, pool fire of
        any other liquid. Otherwise a substance with a toxic probit makes a toxic cloud; a purely flammable one ignites
        later as a flash fire, which leaves a pool fire where there is a pool, or explodes; a cloud too small to explode
        burns. With a burst, the fire of
        immediate ignition comes with its blast; where nothing ignites at once the blast is a branch of its own beside
        the later ones, so whoever it kills may be counted in the cloud again, which errs on the safe side.

    Notes
    -----
    AQ/T 3046-2013 annex G and CPR 18E (Purple Book) sections 4.7 and 4.8. That a flammable toxic substance counts as
    toxic whenever it does not ignite at once is the reading of CPR 18E for point sources without known ignition
    sources; it could not be checked against the text (mark M).
    """
    substance = release.substance
    spills = [spill(release, weather, bund_area, bund_height) for weather in weathers]
    pooled = [flag for each in spills if each.pool is not None for flag in each.pool.flags]
    flags = tuple(dict.fromkeys((*release.flags, *pooled, *substance.assumptions)))
    burning = substance.burning_rate.flags if substance.is_flammable else ()
    category = substance.ignition_category(vessel.temperature)
    found: list[Branch] = []
    immediate = 0.0
    if category != "none":
        if first is None:
            size = {"mass": release.mass} if release.is_instantaneous else {"rate": release.rate}
            first = immediate_ignition(category, substance.reactivity, **size)
        immediate = first.probability
        name, make = _immediate(vessel, release, hole_diameter)
        begun = make if burst is None else _after(burst, make)
        found.append(_branch(name, immediate, spills, begun, first.source, first.mark, (*flags, *burning)))
    if burst is not None:
        found.append(bare_burst(burst, len(weathers), 1.0 - immediate))
    probit = substance.toxic_probit()
    if probit is not None:
        mark = "V" if category == "none" else "M"
        source = "AQ/T 3046-2013 annex G; CPR 18E section 4.7"
        found.append(_branch("toxic_cloud", 1.0 - immediate, spills, _toxic(probit), source, mark, flags))
    elif category != "none":
        later, split = delayed_ignition(), flash_fire_share()
        rest = (1.0 - immediate) * later.probability
        source = f"{later.source}; {split.source}"
        explodes = any(_explosion(each) is not None for each in spills)
        burnt = rest * split.probability if explodes else rest
        found.append(_branch("flash_fire", burnt, spills, _flash, source, split.mark, (*flags, *burning)))
        if explodes:
            found.append(_branch("explosion", rest - burnt, spills, _blast, source, split.mark, flags))
    return tuple(branch for branch in found if branch.probability > 0.0)


def bare_burst(burst: VesselBurst, n_weathers: int, probability: float = 1.0) -> Branch:
    """Blast of a vessel whose content does not burn at once."""
    source = "a vessel under pressure that is lost at once bursts"
    return Branch("vessel_burst", probability, (burst,) * n_weathers, source, "1", ())


def toxicity_unknown(substance: Substance) -> bool:
    """Whether a substance poisons in a way that cannot be computed: no toxic probit, though it is acutely toxic.

    A flammable one counts if it is in category 1 or 2: of the others (methanol) fire decides, and the result says that
    poisoning is left out.
    """
    if not substance.is_toxic or substance.toxic_probit() is not None:
        return False
    classes = substance.note("ghs_classes")
    strong = classes is not None and re.search(r"Acute Tox\. [12]", classes.text) is not None
    return strong or not substance.is_flammable


def _branch(
    name: str,
    probability: float,
    spills: Sequence[Spill],
    make: Callable[[Spill], Outcome | None],
    source: str,
    mark: str,
    flags: tuple[str, ...],
) -> Branch:
    return Branch(name, probability, tuple(make(each) for each in spills), source, mark, flags)


def _after(burst: VesselBurst, make: Callable[[Spill], Fire | None]) -> Callable[[Spill], Outcome | None]:
    """Maker of a fire that begins with a blast; of the blast alone where there is no fire."""

    def both(each: Spill) -> Outcome | None:
        fire = make(each)
        return burst if fire is None else BurstThenFire(burst, fire)

    return both


def _immediate(vessel: Vessel, release: Release, hole_diameter: float) -> tuple[str, Callable[[Spill], Fire | None]]:
    """Name and maker of the fire of immediate ignition."""
    if release.airborne < SPRAY:
        return "pool_fire", pool_fire
    if release.is_instantaneous:
        return "fireball", lambda each: _fireball(vessel, each)
    return "jet_fire", lambda each: _jet_fire(vessel, each, hole_diameter)


def pool_fire(each: Spill, *, at_once: bool = True) -> PoolFire | None:
    """Fire of a pool, None where nothing lies.

    Ignited at once it is no larger than a fire that burns what flows in; later it is as large as the pool has spread.
    """
    if each.pool is None or each.pool.diameter < LEAST_POOL:
        return None
    substance = each.release.substance
    burning = substance.burning_rate
    diameter = each.pool.diameter
    flux = burning.m_inf * -math.expm1(-burning.k_beta * diameter)
    inflow = each.release.pool_rate
    if at_once and inflow > 0.0:
        fed = math.sqrt(4.0 * inflow / (math.pi * flux))
        if fed < diameter:
            diameter = max(fed, LEAST_POOL)
            flux = burning.m_inf * -math.expm1(-burning.k_beta * diameter)
    duration = each.pool.mass / (flux * 0.25 * math.pi * diameter**2)
    surface = flame_surface(substance.cas)
    return PoolFire(diameter, flux, substance.heat_of_combustion, duration, each.weather, *surface)


def _fireball(vessel: Vessel, each: Spill) -> Fireball:
    return Fireball(
        mass=each.release.mass,
        heat_of_combustion=each.release.substance.heat_of_combustion,
        burst_pressure=vessel.pressure,
        air_temperature=each.weather.air_temperature,
        relative_humidity=each.weather.relative_humidity,
    )


def _jet_fire(vessel: Vessel, each: Spill, hole_diameter: float) -> JetFire:
    substance = each.release.substance
    return JetFire(
        mass_flow=each.release.rate,
        hole_diameter=hole_diameter,
        stagnation_temperature=vessel.temperature,
        molar_mass=substance.molar_mass,
        heat_capacity_ratio=substance.heat_capacity_ratio(vessel.temperature),
        heat_of_combustion=substance.heat_of_combustion,
        duration=each.release.duration,
        weather=each.weather,
        release_height=LEAK_HEIGHT,
        phase="gas" if each.release.phase == "gas" else "two_phase",
    )


def _toxic(probit: tuple[float, float, float]) -> Callable[[Spill], ToxicCloud | None]:
    a, b, n = probit

    def make(each: Spill) -> ToxicCloud | None:
        return (
            None
            if each.vapour is None
            else ToxicCloud(source=each.vapour, weather=each.weather, probit_a=a, probit_b=b, probit_n=n)
        )

    return make


def flash_fire(each: Spill) -> FlashFire | None:
    """Cloud above the lower limit; None where it does not leave its source."""
    if each.vapour is None:
        return None
    substance = each.release.substance
    cloud = FlashFire(source=each.vapour, weather=each.weather, lfl=substance.lfl, ufl=substance.ufl)
    return cloud if cloud.cloud.reach > 0.5 * each.vapour.diameter else None


def _flash(each: Spill) -> FlashFire | FlashThenPoolFire | PoolFire | None:
    """Delayed ignition: a flash fire, the pool fire that it leaves, or the pool alone where its cloud stays over it."""
    flash, burning = flash_fire(each), pool_fire(each, at_once=False)
    if flash is None or burning is None:
        return burning if flash is None else flash
    return FlashThenPoolFire(flash, burning)


def _blast(each: Spill) -> Explosion | FlashFire | FlashThenPoolFire | PoolFire | None:
    """Explosion of the cloud; in weathers in which there is too little of it, it burns."""
    explosion = _explosion(each)
    return _flash(each) if explosion is None else explosion


def _explosion(each: Spill) -> Explosion | None:
    flash = flash_fire(each)
    if flash is None or flash.cloud.mass < LEAST_EXPLOSIVE_MASS:
        return None
    return Explosion(
        mass=flash.cloud.mass,
        heat_of_combustion=each.release.substance.heat_of_combustion,
        share=default_share(EXPLOSION_METHOD),
        method=EXPLOSION_METHOD,
        source_class=SOURCE_CLASS,
        centre_distance=flash.cloud.centre,
        air_pressure=each.weather.air_pressure,
    )
