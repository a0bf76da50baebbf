"""The pipeline: from a park to its assessment. A pure function of park, rules, settings and seed."""

import dataclasses
import functools
import importlib.metadata
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from parkrisk import __version__
from parkrisk.models._jit import threads
from parkrisk.models.compiled.ahead import compile_ahead
from parkrisk.models.errors import Problem
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.risk.cascades.accidents import accidents_of
from parkrisk.risk.criteria import judge_fn, judge_targets
from parkrisk.risk.distances.judge import Site
from parkrisk.risk.distances.met import park_distances
from parkrisk.risk.domino import DominoResult, domino
from parkrisk.risk.footprints.library import Floats
from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.grading.enterprise import grade_enterprises
from parkrisk.risk.grading.grade import judge_park
from parkrisk.risk.grading.quantities import park_facts
from parkrisk.risk.increment import change_of, individual_again, outcomes_of_both, radii_again, societal_again
from parkrisk.risk.individual import IndividualRisk
from parkrisk.risk.mapping.raster import raster_of
from parkrisk.risk.mapping.reach import reach_of
from parkrisk.risk.mapping.target_places import target_places
from parkrisk.risk.result import Assessment, canonical_json, digest, frozen, result_digest
from parkrisk.risk.rules.sets import RuleSet, load
from parkrisk.risk.screening.hazard_units import hazard_units
from parkrisk.risk.settings import Settings
from parkrisk.risk.sharing import Progress
from parkrisk.risk.solvers.rare import Escalation, escalation_probability
from parkrisk.risk.surroundings import Surroundings
from parkrisk.risk.tables import assumption_table, contribution_table, part_table, source_table
from parkrisk.scenarios.events.expand import Events, with_secondary
from parkrisk.scenarios.events.reexpand import EventRules, Expansion, expand_again
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose, people, wind_rose

#: Packages whose version may move a result.
_NUMERIC_PACKAGES = ("numba", "numpy", "scipy", "CoolProp", "chemicals", "shapely", "pyproj", "contourpy")


#: What cascades hang on, beside the park and its events.
_CASCADE_SETTINGS = (
    "time_to_failure_mode",
    "domino_histories",
    "domino_standard_error",
    "domino_most_histories",
)


class _Clock:
    """Seconds per stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Say nothing."""


def assess(
    park: Park,
    *,
    settings: Settings | None = None,
    rules: str | None = None,
    seed: int = 0,
    previous: Assessment | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Assess the risk of a park.

    Parameters
    ----------
    park : Park
    settings : Settings, optional
    rules : str, optional
        Rule set: "cn-2026", "cn-nmg-2026" or the path of a rulebook file; the park's own when left out.
    seed : int
        Of the sampled cascades.
    previous : Assessment, optional
        Of another park, mostly this one before a change: what the change cannot touch is taken over from it.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    Assessment
        The same for the same park, rules, settings and seed, whatever the threads, the order of rows or ``previous``.

    Raises
    ------
    RuleError
        The rule set is unknown or has problems.
    OutOfRange
        A setting is unknown, or frequencies sum to more than 4 per year.
    """
    chosen = Settings() if settings is None else settings
    report = _silent if progress is None else progress
    ruleset = load(rules or park.rulebook, park.date)
    compile_ahead(report, most=chosen.threads)
    clock = _Clock()
    with threads(chosen.threads):
        with clock.stage("expand"):
            report("expand", 0, 1)
            rose = wind_rose(park)
            expansion = expand_again(
                park, rose, _rules_of_events(chosen), None if previous is None else previous.expansion
            )
            primary = expansion.events
            report("expand", 1, 1)
        with clock.stage("domino"):
            report("domino", 0, 1)
            cascades = _cascades(park, expansion, rose, chosen, seed, previous)
            events = with_secondary(primary, cascades.secondary)
            report("domino", 1, 1)
        with clock.stage("models"):
            both = previous is not None and previous.settings.grid == chosen.grid
            outcomes = outcomes_of_both(previous.events, primary) if previous and both else primary.outcomes
            library = library_for(outcomes, chosen.grid).fill(progress=report)
        with clock.stage("individual"):
            targets = park.tables["targets"]
            reading = chosen.wind_rose
            points = target_places(targets, events, rose, chosen.grid, library, rose=reading)
            raster = raster_of(park, chosen, reach_of(events, rose, chosen.grid, library, rose=reading))
            around = Surroundings(rose, reading, chosen.grid, raster, points, people(park))
            change = change_of(events, previous)
            individual = individual_again(change, around, library, report)
        with clock.stage("societal"):
            accidents = accidents_of(cascades.facility, cascades.escalation, cascades.courses, len(rose.weathers))
            societal = societal_again(events, accidents, change, around, library, report)
    with clock.stage("grade"):
        report("grade", 0, 1)
        hazards = hazard_units(park)
        judged = _judged_targets(targets, points, individual, events)
        fn = judge_fn(societal.fn)
        if events.not_computed:
            fn["zone"] = fn["zone"].where(fn["zone"] == "unacceptable", "unknown")
        complete = not events.not_computed
        distances = park_distances(Site(park, hazards, individual, events.not_computed), ruleset)
        facts = park_facts(park, ruleset, judged, fn, hazards, complete=complete, distances=distances)
        park_grade, findings = judge_park(ruleset, facts)
        enterprises = grade_enterprises(park, hazards, facts)
        report("grade", 1, 1)
    contributions = contribution_table(targets["target_id"], individual)
    result = Assessment(
        park=park,
        settings=chosen,
        grade=park_grade,
        hazards=hazards,
        enterprises=enterprises,
        sources=source_table(park, hazards, events, rose, societal, cascades),
        scenarios=radii_again(primary, change, around),
        targets=_with_top_source(judged, contributions),
        contributions=contributions,
        contribution_parts=part_table(targets["target_id"], rose, individual),
        individual_risk=individual,
        societal=societal,
        fn=fn,
        pll=societal.pll,
        domino=cascades,
        rules=findings,
        assumptions=assumption_table(park, primary, individual, cascades, chosen),
        events=events,
        expansion=expansion,
        surroundings=around,
        ruleset=ruleset,
        problems=(*park.warnings, *_incomplete(events)),
        provenance={},
        timings=frozen(clock.seconds),
        footprints=frozen(
            {
                "used": int((events.outcome_index >= 0).sum()),
                "memory": library.taken,
                "disk": library.read,
                "computed": library.computed,
            }
        ),
    )
    return dataclasses.replace(result, provenance=frozen(_provenance(result, ruleset, seed)))


def _provenance(result: Assessment, ruleset: RuleSet, seed: int) -> dict[str, Any]:
    """What the result was made of and by, with its digest."""
    settings = _settings_content(result.settings)
    return {
        "engine": "parkrisk",
        "version": __version__,
        "input_digest": result.park.digest(),
        "rules": ruleset.id,
        "rules_date": ruleset.date.isoformat(),
        "rules_digest": ruleset.digest,
        "settings": settings,
        "settings_digest": digest([canonical_json(settings)]),
        "seed": seed,
        "packages": package_versions(),
        "python": platform.python_version(),
        "result_digest": result_digest(result),
    }


def _cascades(
    park: Park, expansion: Expansion, rose: WindRose, settings: Settings, seed: int, previous: Assessment | None
) -> DominoResult:
    """Cascades of a park; those of the run before where neither events, protection nor rules have changed."""
    if previous is None:
        return domino(park, expansion.events, rose, settings, seed)
    same = expansion is previous.expansion and park.tables["response"].equals(previous.park.tables["response"])
    same &= all(getattr(settings, name) == getattr(previous.settings, name) for name in _CASCADE_SETTINGS)
    if same and previous.domino.method["seed"] == seed:
        return previous.domino
    return domino(park, expansion.events, rose, settings, seed, earlier=previous.domino)


@functools.cache
def package_versions() -> Mapping[str, str]:
    """Versions of the packages that may move a result, by name."""
    return frozen({name: importlib.metadata.version(name) for name in _NUMERIC_PACKAGES})


def _rules_of_events(settings: Settings) -> EventRules:
    return EventRules(settings.loss_set, settings.frequency_cut_off, settings.delayed_ignition, settings.grid)


def cascades_of(park: Park, *, settings: Settings | None = None, seed: int = 0, static: bool = False) -> DominoResult:
    """Find the domino effects of a park without the rest of an assessment.

    Parameters
    ----------
    park : Park
    settings : Settings, optional
    seed : int
    static : bool
        True: the static critical-load cascade, an upper bound without times.

    Returns
    -------
    DominoResult
        Its ``from_unit`` gives what follows a fire or an explosion at one unit.
    """
    chosen = Settings() if settings is None else settings
    rose = wind_rose(park)
    events = expand_again(park, rose, _rules_of_events(chosen)).events
    return domino(park, events, rose, chosen, seed, static=static)


def escalation_of(
    park: Park,
    start: str | Sequence[str],
    targets: Sequence[str] | None = None,
    *,
    settings: Settings | None = None,
    seed: int = 0,
    static: bool = False,
    relative_error: float = 0.1,
    most_histories: int = 1_000_000,
) -> Escalation:
    """Find how likely units of a park are to fail after an event, be it ever so rarely.

    Parameters
    ----------
    park : Park
    start, targets, seed, static, relative_error, most_histories
        As in `parkrisk.risk.solvers.rare.escalation_probability`.
    settings : Settings, optional

    Returns
    -------
    Escalation
        Its method says also time_to_failure_mode and flags.
    """
    chosen = Settings() if settings is None else settings
    rose = wind_rose(park)
    events = expand_again(park, rose, _rules_of_events(chosen)).events
    facility = facility_graph(park, events, rose, time_to_failure_rule(chosen.time_to_failure_mode))
    with threads(chosen.threads):
        found = escalation_probability(
            facility,
            start,
            targets,
            relative_error=relative_error,
            static=static,
            seed=seed,
            most_histories=most_histories,
        )
    method = {"time_to_failure_mode": chosen.time_to_failure_mode, "flags": list(facility.flags)}
    return dataclasses.replace(found, method={**found.method, **method})


def _judged_targets(targets: pd.DataFrame, points: Floats, individual: IndividualRisk, events: Events) -> pd.DataFrame:
    """Targets beside their limits; where events are missing from the sum, what passes is unknown."""
    columns = ["target_id", "name", "class", "x", "y", "persons", "facility_state"]
    judged = targets[columns].join(judge_targets(targets, individual.points))
    judged["individual_risk_without_domino"] = individual.points_without_domino
    judged["risk_x"], judged["risk_y"] = points.T
    if events.not_computed:
        passes = judged["status"] == "pass"
        judged.loc[passes, "status"] = "unknown"
        judged.loc[passes, ["ratio", "margin"]] = np.nan
    return judged


def _with_top_source(judged: pd.DataFrame, contributions: pd.DataFrame) -> pd.DataFrame:
    first = contributions[contributions["rank"] == 1].set_index("target_id")[["unit_id", "share"]]
    return judged.join(first.rename(columns={"unit_id": "top_source", "share": "top_share"}), on="target_id")


def _incomplete(events: Events) -> list[Problem]:
    """Warn of every unit whose events could not all be computed."""
    rows = events.dropped[events.dropped["reason"] == "not_computed"].drop_duplicates(["unit_id", "message_en"])
    return [
        Problem(
            table="units",
            row=None,
            column="",
            code="not_computed",
            found=str(row["unit_id"]),
            message_zh=f"设备 {row['unit_id']} 的 {row['loc']} 未能计算：{row['message_zh']}；园区风险只知下限",
            message_en=f"{row['loc']} of unit {row['unit_id']} could not be computed: {row['message_en']}; "
            "the risk of the park is only known from below",
            severity="warning",
        )
        for row in rows.to_dict("records")
    ]


def _settings_content(settings: Settings) -> dict[str, Any]:
    """Settings that may move a result."""
    content = dataclasses.asdict(settings)
    del content["threads"]
    return content


__all__ = ["assess", "cascades_of", "escalation_of"]
