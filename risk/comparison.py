"""Two descriptions of one park, last year's and this year's: what differs in the input, and what that does."""

import dataclasses
import functools
import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.result import Assessment, plain
from parkrisk.risk.settings import Settings
from parkrisk.risk.sharing import Progress
from parkrisk.risk.whatif import WhatIf, overview
from parkrisk.scenarios import schema
from parkrisk.scenarios.park import Park, Tables
from parkrisk.scenarios.reading.defaults import row_ids

__all__ = ["STEPS", "Comparison", "Step", "compare", "input_changes"]


@dataclass(frozen=True)
class Step:
    """Part of the input that is taken over from the second park in one step."""

    name: str
    label_zh: str
    label_en: str
    tables: tuple[str, ...]
    section: tuple[str, ...] = ()


#: In the order in which they are taken over; what no other step names belongs to the last one.
STEPS = (
    Step(
        "equipment",
        "企业、设备与介质",
        "enterprises, equipment, contents",
        ("enterprises", "units", "contents", "lines", "losses", "transport", "barriers"),
    ),
    Step(
        "weather",
        "气象",
        "weather",
        ("weather",),
        ("air_temperature_c", "air_pressure_kpa", "relative_humidity", "terrain", "day_fraction"),
    ),
    Step(
        "surroundings",
        "人口、防护目标与点火源",
        "people, targets, ignition sources",
        ("population", "targets", "ignition"),
    ),
    Step("response", "应急力量", "emergency response", ("response",)),
    Step("evidence", "证据、规则与其他", "evidence, rules and the rest", ("answers", "indicators")),
)


@dataclass(frozen=True)
class Comparison:
    """What changed from one description of a park to another, and what that did.

    Parameters
    ----------
    effect : WhatIf
        Figures, targets, F-N, units before and after.
    steps : DataFrame
        The park as it was, then with each step that changes anything taken over, in the order of `STEPS`: step,
        label_zh, label_en, changes (rows of ``inputs``), and the figures of `parkrisk.risk.whatif.FIGURES`.
    """

    effect: WhatIf
    steps: pd.DataFrame

    @functools.cached_property
    def inputs(self) -> pd.DataFrame:
        """What differs in the input, as `input_changes` gives it."""
        return input_changes(self.effect.before.park, self.effect.after.park)

    @functools.cached_property
    def rules(self) -> pd.DataFrame:
        """Rules whose status is another one: rule_id, title_zh, title_en, before, after; "" where it is not judged."""
        columns = ["rule_id", "title_zh", "title_en", "status"]
        both = self.effect.before.rules[columns].merge(
            self.effect.after.rules[columns], on="rule_id", how="outer", suffixes=("_before", "_after")
        )
        for name in ("title_zh", "title_en"):
            both[name] = both[f"{name}_after"].fillna(both[f"{name}_before"])
        both["before"], both["after"] = both["status_before"].fillna(""), both["status_after"].fillna("")
        changed = both[both["before"] != both["after"]].sort_values("rule_id", ignore_index=True)
        return changed[["rule_id", "title_zh", "title_en", "before", "after"]]

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that ``save`` writes, by name."""
        parts = {name: getattr(self.effect, name) for name in ("figures", "fn", "targets", "units", "notes")}
        return {"inputs": self.inputs, "steps": self.steps, **parts, "rules": self.rules}

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        content = {**self.effect.to_dict(), "inputs": self.inputs, "steps": self.steps, "rules": self.rules}
        del content["scenario"]
        converted: dict[str, Any] = plain(content)
        return converted

    def save(self, folder: str | Path) -> Path:
        """Write ``comparison.json`` and ``comparison_*.csv``; files of the same names are replaced."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_json(target / "comparison.json", self.to_dict())
        for name, table in self.tables().items():
            write_table(target / f"comparison_{name}.csv", table)
        return target


def compare(
    before: Park,
    after: Park,
    *,
    settings: Settings | None = None,
    rules: str | None = None,
    seed: int = 0,
    steps: bool = True,
    progress: Progress | None = None,
) -> Comparison:
    """Assess two descriptions of one park and say what changed and what each kind of change did.

    Parameters
    ----------
    before, after : Park
        In the same planar CRS.
    settings : Settings, optional
    rules : str, optional
        Rule set of both; each park's own, on its own date, when left out.
    seed : int
    steps : bool
        Also assess the parks between: `STEPS` are taken over one after the other. Else only the ends are assessed.
    progress : callable, optional

    Raises
    ------
    OutOfRange
        The parks are not in the same CRS.

    Notes
    -----
    What a step does depends on what was taken over before it; all steps together are the whole difference. Sampled
    cascades carry their standard error into each difference.
    """
    if before.crs != after.crs:
        raise OutOfRange(
            f"两份数据的坐标系不同（{before.crs}、{after.crs}），请先换算为同一坐标系",
            f"the two descriptions are in different CRSs ({before.crs}, {after.crs}); bring them into one first",
        )
    changes = input_changes(before, after)
    found = [("", assess(before, settings=settings, rules=rules, seed=seed, progress=progress))]
    touched = [step for step in STEPS if _touches(step, changes)]
    for place, step in enumerate(touched):
        last = place == len(touched) - 1
        if last or steps:
            park = after if last else _between(before, after, touched[: place + 1])
            result = assess(park, settings=settings, rules=rules, seed=seed, previous=found[-1][1], progress=progress)
            found.append((step.name, result))
    effect = WhatIf(after.date.isoformat(), found[0][1], found[-1][1])
    return Comparison(effect, _steps(found, changes) if steps else _steps(found[:1], changes))


def _steps(found: list[tuple[str, Assessment]], changes: pd.DataFrame) -> pd.DataFrame:
    table = overview(WhatIf(name, found[0][1], result) for name, result in found).iloc[1:].reset_index(drop=True)
    labels = {step.name: step for step in STEPS}
    table = table.rename(columns={"scenario": "step"})
    table.insert(1, "label_zh", [labels[name].label_zh if name else "改变前" for name in table["step"]])
    table.insert(2, "label_en", [labels[name].label_en if name else "before" for name in table["step"]])
    counts = [int(_of(labels[name], changes).sum()) if name else 0 for name in table["step"]]
    table.insert(3, "changes", counts)
    return table


def _of(step: Step, changes: pd.DataFrame) -> "pd.Series[bool]":
    """Rows of the changes that a step takes over."""
    section = changes["table"] == "park"
    if step is STEPS[-1]:
        named = [name for each in STEPS for name in each.section]
        return changes["table"].isin([*step.tables]) | (section & ~changes["column"].isin(named))
    return changes["table"].isin(step.tables) | (section & changes["column"].isin(step.section))


def _touches(step: Step, changes: pd.DataFrame) -> bool:
    return bool(_of(step, changes).any())


def _between(before: Park, after: Park, steps: list[Step]) -> Park:
    """Return the park before with these steps taken over from the park after; never the last step."""
    taken = {name for step in steps for name in step.tables}
    entries = {name for step in steps for name in step.section}
    tables = {name: (after if name in taken else before).tables[name] for name in before.tables}
    later = after.info
    section = tuple((name, later[name] if name in entries else value) for name, value in before.section)
    assumed = {
        row
        for park, mine in ((before, False), (after, True))
        for row in park._assumptions
        if ((row[2] in entries) if row[0] == "park" else (row[0] in taken)) is mine
    }
    return dataclasses.replace(before, tables=Tables(tables), section=section, _assumptions=frozenset(assumed))


def input_changes(before: Park, after: Park) -> pd.DataFrame:
    """Say what differs between the inputs of two parks, cell by cell.

    Returns
    -------
    DataFrame
        table, key (of the row; "" for ``park.toml``), change ("added", "removed", "altered"), column ("" for a whole
        row), before, after (as text; "" empty). Rows of tables without a key are added or removed as a whole.
    """
    rows = [*_section_changes(before, after)]
    for name in before.tables:
        rows += _table_changes(schema.table(name), before.tables[name], after.tables[name])
    return pd.DataFrame(rows, columns=["table", "key", "change", "column", "before", "after"], dtype="str")


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.12g}"
    return "" if value is None else str(value)


def _section_changes(before: Park, after: Park) -> Iterator[tuple[str, ...]]:
    one, other = before.info, after.info
    for name in dict.fromkeys([*one, *other]):
        if _text(one.get(name)) != _text(other.get(name)):
            yield "park", "", "altered", name, _text(one.get(name)), _text(other.get(name))
    shapes = ["" if park.boundary is None else f"{park.boundary.area:.0f} m2" for park in (before, after)]
    same = before.boundary is after.boundary or (
        before.boundary is not None and after.boundary is not None and before.boundary.equals(after.boundary)
    )
    if not same:
        yield "park", "", "altered", "boundary", *shapes


def _table_changes(table: schema.Table, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    one, other = (_keyed(table, frame) for frame in (before, after))
    for key in dict.fromkeys([*one, *other]):
        name = str(key[0]) if len(key) == 2 else ", ".join(map(str, key[:-1]))
        if key not in other:
            yield table.name, name, "removed", "", "", ""
        elif key not in one:
            yield table.name, name, "added", "", "", ""
        else:
            for column, value in one[key].items():
                if value != other[key][column]:
                    yield table.name, name, "altered", column, value, other[key][column]


def _keyed(table: schema.Table, frame: pd.DataFrame) -> dict[tuple[Hashable, ...], Mapping[str, str]]:
    """Rows by key and by how often it came before; without a key all cells are the key."""
    seen: dict[tuple[Hashable, ...], int] = {}
    found: dict[tuple[Hashable, ...], Mapping[str, str]] = {}
    for row_id, row in zip(row_ids(table, frame), frame.to_dict("records"), strict=True):
        cells = {str(column): _text(value) for column, value in row.items()}
        key: tuple[Hashable, ...] = (row_id,) if row_id else tuple(filter(None, cells.values()))
        seen[key] = seen.get(key, 0) + 1
        found[(*key, seen[key])] = cells
    return found
