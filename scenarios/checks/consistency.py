"""Named consistency checks over the tables of a park or a project; each yields its problems and changes nothing."""

import itertools
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.checks.people import cells_apart
from parkrisk.scenarios.checks.places import units_apart
from parkrisk.scenarios.checks.plausible import (
    near_units,
    plausible_ranges,
    pressure_fits_vapour,
    pressures_given,
    quantity_fits_volume,
    volume_fits_size,
)
from parkrisk.scenarios.checks.protection import barriers_fit, responses_fit
from parkrisk.scenarios.checks.sources import lines_have_length, lines_of_pipelines, own_losses, transport_rates
from parkrisk.scenarios.events.saturation import Doubt
from parkrisk.scenarios.messages import MOST, problem
from parkrisk.scenarios.sectors import sectors_of

__all__ = ["CHECKS", "Given", "run"]

#: The frequencies of the weather table may differ from 1 by this much and are then normalised.
FREQUENCY_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Given:
    """What a check sees.

    Parameters
    ----------
    kind : str
        "park" or "project".
    frames : mapping of str to DataFrame
        Typed tables, defaults filled, coordinates planar; the index holds row numbers, 0: the row is in no file.
    boundary : shapely polygon or None
    placed : bool
        Whether the coordinates can be trusted; if not, distances would only repeat that fault.
    filled : set of (table, key of the row, column)
        Cells that were empty and hold a default.
    faulty : set of (table, row number, column)
        Cells with an error already; they count as empty, and what follows from that is not said again.
    doubts : sequence of Doubt
        Units that are counted as liquid though their stated pressure would be that of a gas.
    """

    kind: str
    frames: Mapping[str, pd.DataFrame]
    boundary: Any
    placed: bool = True
    filled: Set[tuple[str, ...]] = frozenset()
    faulty: Set[tuple[str, int | None, str]] = frozenset()
    doubts: Sequence[Doubt] = ()


def _row(number: Any) -> int | None:
    return int(number) or None


def duplicate_ids(given: Given) -> Iterator[Problem]:
    """Yield rows whose key stands in an earlier row."""
    for name, frame in given.frames.items():
        table = schema.table(name)
        if not table.key:
            continue
        first: dict[tuple[str, ...], int] = {}
        needed = [table.columns[column].required for column in table.key]
        keys = zip(*(frame[column].tolist() for column in table.key), strict=True)
        for key, number in zip(keys, frame.index.tolist(), strict=True):
            if "" in key and (not any(key) or any(itertools.compress((part == "" for part in key), needed))):
                continue  # named as a missing value, or waiting for a name of its own
            if key in first:
                parts = {column: part for column, part in zip(table.key, key, strict=True) if part != ""}
                found = "/".join(part if isinstance(part, str) else f"{part:g}" for part in parts.values())
                yield problem("duplicate_id", name, _row(number), list(parts)[-1], found, first=first[key])
            else:
                first[key] = number


def similar_ids(given: Given) -> Iterator[Problem]:
    """Yield ids that readers take for one, but that are two: T-1 and t-1, or one in full-width letters."""
    for name, frame in given.frames.items():
        table = schema.table(name)
        if len(table.key) != 1 or table.columns[table.key[0]].type != "id":
            continue
        first: dict[str, tuple[str, int]] = {}
        for found, number in zip(frame[table.key[0]].tolist(), frame.index.tolist(), strict=True):
            other, row = first.setdefault(unicodedata.normalize("NFKC", found).casefold(), (found, number))
            if other != found:
                yield problem("similar_ids", name, _row(number), table.key[0], found, first=row, other=other)


def references(given: Given) -> Iterator[Problem]:
    """Yield references that lead nowhere. Those of a project may lead into the park and are checked with it."""
    if given.kind == "project":
        return
    for name, frame in given.frames.items():
        for column in schema.table(name).columns.values():
            if not column.references:
                continue
            target, _, target_column = column.references.partition(".")
            known = set(given.frames[target][target_column])
            if not known and schema.table(target).of(given.kind) == "required":
                continue  # the whole table is missing, which is said already
            for value, number in zip(frame[column.name], frame.index, strict=True):
                if value and value not in known:
                    yield problem(
                        "dangling_reference",
                        name,
                        _row(number),
                        column.name,
                        value,
                        target=target,
                        target_zh=schema.table(target).label_zh,
                        target_column=target_column,
                        near=schema.nearest(value, known) if len(known) <= 5000 else "",
                    )


def assumed_columns(given: Given) -> Iterator[Problem]:
    """Yield names in the column ``assumed`` that are no columns."""
    for name, frame in given.frames.items():
        if "assumed" not in frame:
            continue
        known = schema.table(name).columns
        for text, number in zip(frame["assumed"], frame.index, strict=True):
            for word in filter(None, (part.strip() for part in text.split(";"))):
                if word not in known:
                    near = schema.nearest(word, known)
                    yield problem("assumed_unknown_column", name, _row(number), "assumed", word, near=near)


def units_inside_boundary(given: Given) -> Iterator[Problem]:
    """Yield units outside the boundary of the park; the boundary line itself counts as inside."""
    units = given.frames["units"]
    if given.boundary is None or not given.placed or units.empty:
        return
    x, y = units["x"].to_numpy(), units["y"].to_numpy()
    known = np.isfinite(x) & np.isfinite(y)
    shapely.prepare(given.boundary)
    outside = known & ~shapely.intersects_xy(given.boundary, np.where(known, x, 0.0), np.where(known, y, 0.0))
    for place in np.flatnonzero(outside):
        distance = float(shapely.distance(given.boundary, shapely.Point(x[place], y[place])))
        found = f"{units['unit_id'].iloc[place]} ({x[place]:.10g}, {y[place]:.10g})"
        number = _row(units.index.to_numpy()[place])
        yield problem("outside_boundary", "units", number, "x", found, distance=f"{distance:.0f}")


def quantity_known(given: Given) -> Iterator[Problem]:
    """Yield units that hold a substance in a quantity nobody can work out."""
    needs = {row["kind"]: row["inventory"] for row in schema.rows_of("geometry")}
    units = given.frames["units"]
    lacking = units[units["mass_t"].isna() & (units["in_service"] != "no")]
    sizes = ("mass_t", "volume_m3", "diameter_m", "height_m")
    for number, kind, volume in zip(lacking.index, lacking["kind"], lacking["volume_m3"], strict=True):
        if any(("units", _row(number), column) in given.faulty for column in sizes):
            continue
        if needs.get(kind) == "mass":
            yield problem("no_mass", "units", _row(number), "mass_t")
        elif needs.get(kind) == "required" and np.isnan(volume):
            yield problem("no_inventory", "units", _row(number), "volume_m3")


def refrigerated_temperature(given: Given) -> Iterator[Problem]:
    """Yield refrigerated tanks without a temperature of their own; that of the air cannot be theirs."""
    units = given.frames["units"]
    cold = units[units["kind"] == "refrigerated_tank"]
    for number, unit in zip(cold.index, cold["unit_id"], strict=True):
        if ("units", unit, "temperature_c") in given.filled:
            yield problem("temperature_needed", "units", _row(number), "temperature_c", unit)


def fill_within_largest(given: Given) -> Iterator[Problem]:
    """Yield units usually filled beyond their largest fill."""
    units = given.frames["units"]
    for number, usual, largest in zip(units.index, units["fill_fraction"], units["max_fill_fraction"], strict=True):
        if usual > largest:
            yield problem("fill_over_largest", "units", _row(number), "fill_fraction", usual, expected=largest)


def content_not_repeated(given: Given) -> Iterator[Problem]:
    """Yield contents that name the main substance of their unit again, which would count it twice."""
    units = given.frames["units"]
    main = dict(zip(units["unit_id"], units["substance"], strict=True))
    contents = given.frames["contents"]
    for number, unit, cas in zip(contents.index, contents["unit_id"], contents["cas"], strict=True):
        if cas and main.get(unit) == cas:
            yield problem("content_repeated", "contents", _row(number), "cas", cas)


def scores_given(given: Given) -> Iterator[Problem]:
    """Yield answers that say "score" and give none."""
    answers = given.frames["answers"]
    for number in answers.index[(answers["answer"] == "score") & answers["score"].isna()]:
        yield problem("score_missing", "answers", _row(number), "score")


def weather_frequencies(given: Given) -> Iterator[Problem]:
    """Yield a problem if the weather classes do not make up the whole year."""
    weather = given.frames.get("weather")
    if weather is None or weather.empty or weather["frequency"].isna().any():
        return
    total = float(weather["frequency"].sum())
    if abs(total - 1.0) <= FREQUENCY_TOLERANCE:
        return
    words = {}
    by_period = weather.groupby("period")["frequency"].sum()
    if len(by_period) > 1 and (abs(by_period - 1.0) <= FREQUENCY_TOLERANCE).all():
        words = {
            "hint_zh": "；昼、夜各自之和为 1，应改为占全年小时数的比例",
            "hint_en": "; each period sums to 1: give shares of all hours of the year",
        }
    elif abs(total - 100.0) <= 100.0 * FREQUENCY_TOLERANCE:
        words = {"hint_zh": "；像是百分数", "hint_en": "; they look like per cent"}
    yield problem("frequencies_sum", "weather", None, "frequency", total, **words)


def wind_sectors(given: Given) -> Iterator[Problem]:
    """Yield a problem if the wind directions are no equal sectors, a warning if they had to be adapted."""
    weather = given.frames.get("weather")
    if weather is None or weather.empty:
        return
    directions = weather["wind_from"].to_numpy()
    sectors = sectors_of(directions)
    if sectors is None:
        found = ", ".join(f"{value:g}" for value in np.unique(directions[np.isfinite(directions)])[:20])
        yield problem("wind_sectors", "weather", None, "wind_from", found)
        return
    if sectors.missing:
        present = sectors.given - sectors.missing
        yield problem("wind_sector_gaps", "weather", None, "wind_from", present, expected=sectors.given)
    if sectors.offset:
        yield problem("wind_resampled", "weather", None, "wind_from", sectors.offset, expected=sectors.number)


def staff_has_place(given: Given) -> Iterator[Problem]:
    """Yield enterprises with staff and no unit to place it at."""
    if given.kind == "project" or given.frames["units"].empty:
        return
    enterprises = given.frames["enterprises"]
    placed = set(given.frames["units"]["enterprise_id"])
    staffed = (enterprises["staff_day"] > 0) | (enterprises["staff_night"] > 0)
    for number, name in zip(enterprises.index[staffed], enterprises.loc[staffed, "enterprise_id"], strict=True):
        if name not in placed:
            yield problem("staff_without_place", "enterprises", _row(number), "staff_day", name)


def _on_units(check: Callable[[pd.DataFrame], Iterator[Problem]]) -> Callable[[Given], Iterator[Problem]]:
    return lambda given: check(given.frames["units"])


CHECKS: tuple[Callable[[Given], Iterator[Problem]], ...] = (
    duplicate_ids,
    similar_ids,
    references,
    assumed_columns,
    units_inside_boundary,
    quantity_known,
    refrigerated_temperature,
    fill_within_largest,
    content_not_repeated,
    scores_given,
    weather_frequencies,
    wind_sectors,
    staff_has_place,
    lambda given: cells_apart(given.frames["population"]),
    lambda given: lines_have_length(given.frames),
    lambda given: lines_of_pipelines(given.frames),
    lambda given: own_losses(given.frames) if given.kind == "park" else iter(()),
    lambda given: transport_rates(given.frames),
    lambda given: barriers_fit(given.frames),
    lambda given: responses_fit(given.frames) if given.kind == "park" else iter(()),
    lambda given: plausible_ranges(given.frames),
    lambda given: near_units(given.frames) if given.placed else iter(()),
    lambda given: units_apart(given.frames["units"]) if given.placed else iter(()),
    lambda given: pressure_fits_vapour(given.frames["units"], given.doubts),
    _on_units(pressures_given),
    _on_units(volume_fits_size),
    _on_units(quantity_fits_volume),
)


def _readable(problems: Iterator[Problem]) -> Iterator[Problem]:
    """Yield the problems of a check until there are more errors of one table than anybody reads."""
    errors: Counter[str] = Counter()
    for fault in problems:
        if fault.severity == "error":
            errors[fault.table] += 1
            if errors[fault.table] > MOST:
                yield problem("further_problems", fault.table, None, fault.column, MOST)
                return
        yield fault


def run(given: Given) -> list[Problem]:
    """Return the problems of every check; where a value is wrong, that it is also unusual is not worth saying."""
    found = [fault for check in CHECKS for fault in _readable(check(given))]
    wrong = {(fault.table, fault.row, fault.column) for fault in found if fault.severity == "error" and fault.row}
    return [
        fault for fault in found if fault.code != "implausible" or (fault.table, fault.row, fault.column) not in wrong
    ]
