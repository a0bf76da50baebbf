"""Steps that no table holds: what an event is made of, the model of an outcome, what a rule measures, input cells."""

import dataclasses
import inspect
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from parkrisk.risk.result import Assessment
from parkrisk.risk.rules.conditions import Leaf, leaves, quantities
from parkrisk.risk.trace.step import Step
from parkrisk.scenarios import schema
from parkrisk.scenarios.events.own_losses import losses_of
from parkrisk.scenarios.reading.defaults import COUNTED_LIQUID, DECLARED, PRESSURE_NOT_GIVEN, row_ids

__all__ = ["conditional", "input_cell", "loss_of", "measured", "model_of"]

#: Columns of a unit that its models read.
_PHYSICAL = (
    "substance",
    "volume_m3",
    "fill_fraction",
    "pressure_kpa",
    "temperature_c",
    "diameter_m",
    "height_m",
    "hole_bore_mm",
    "bund_id",
    "isolation_class",
    "detection_class",
)


def input_cell(found: Assessment, table: str, row_id: str, column: str) -> Step | None:
    """Cell of the input, and whether it was given, declared as assumed or filled by a default; None: no such row."""
    declared = schema.table(table)
    frame = found.park.tables[table]
    rows = [at for at, name in enumerate(row_ids(declared, frame)) if name == row_id]
    if not rows or column not in frame:
        return None
    about = declared.columns[column]
    assumed = found.park.assumptions
    mine = (assumed["table"] == table) & (assumed["row"] == row_id) & (assumed["column"] == column)
    basis = assumed.loc[mine, "source"].tolist()
    value = _plain(frame[column].iloc[rows[0]])
    if not basis:
        how = ("输入值", "given in the input")
    elif COUNTED_LIQUID in basis:
        how = ("输入值，低于饱和蒸气压，按液体计", "given in the input, below the vapour pressure: counted as liquid")
    elif basis == [DECLARED]:
        how = ("输入值，已声明为假定", "given in the input, declared as assumed")
    elif basis == [PRESSURE_NOT_GIVEN]:
        value = float(assumed.loc[mine, "value"].iloc[0])
        how = ("输入为空，取饱和蒸气压或大气压", "left out in the input: vapour pressure, or that of the air")
    else:
        how = ("输入为空，取默认值", "left out in the input: default")
    return Step(
        place=f"{table}.csv[{row_id}].{column}",
        label_zh=about.label_zh,
        label_en=about.label_en,
        value=value,
        unit=about.unit,
        how_zh=how[0],
        how_en=how[1],
        source="; ".join(basis),
    )


def loss_of(found: Assessment, event: Mapping[Any, Any]) -> Step | None:
    """Loss of containment behind a primary event; None where it is none of a unit of equipment."""
    units = found.park.tables["units"]
    rows = units[units["unit_id"] == event["unit_id"]].to_dict("records")
    if not rows:
        return None
    own = found.park.tables["losses"]
    stated = own[own["unit_id"] == event["unit_id"]].to_dict("records")
    _, losses, _ = losses_of(rows[0], found.settings.loss_set, stated)
    for loss in losses:
        if loss.loc == event["loc"]:
            file = "losses.csv" if loss.mark == "user" else "loss_of_containment.csv"
            return Step(
                place=f"{file}[{found.settings.loss_set}/{rows[0]['kind']}/{loss.loc}].frequency",
                label_zh="泄漏频率",
                label_en="frequency of the loss of containment",
                value=loss.frequency,
                unit="1/yr",
                how_zh="按设备类型和孔径查场景集",
                how_en="looked up in the set of losses by kind of unit and hole",
                source=loss.source,
                mark=loss.mark,
            )
    return None


def conditional(event: Mapping[Any, Any], loss: Step) -> Step:
    """Probability of the branch of the event tree that leads from a loss to an event."""
    return Step(
        place=f"event tree[{event['event_id']}]",
        label_zh="事件树条件概率",
        label_en="probability of the branch of the event tree",
        value=float(event["frequency"]) / float(loss.value),
        unit="1",
        how_zh="点火与后果分支概率之积",
        how_en="product of ignition and branch probabilities",
        source=str(event["source"]),
        mark=str(event["mark"]),
    )


def model_of(found: Assessment, event: Mapping[Any, Any]) -> Step | None:
    """Model that an event is reckoned by, with its numbers in one weather class and the cells of the unit behind them.

    The weather is the first class in which the event has an outcome.
    """
    at = found.events.table["event_id"].tolist().index(event["event_id"])
    numbers = [number for number in found.events.outcome_index[at] if number >= 0]
    if not numbers:
        return None
    outcome = found.events.outcomes[numbers[0]]
    kind = type(outcome)
    text = inspect.getdoc(kind) or ""
    parameters = tuple(_parameters(outcome, kind.__name__))
    cells = [input_cell(found, "units", str(event["unit_id"]), column) for column in _PHYSICAL]
    given = tuple(cell for cell in cells if cell is not None and cell.value not in (None, ""))
    flags = str(event["flags"]).strip()
    return Step(
        place=f"{kind.__module__}.{kind.__name__}",
        label_zh="后果模型",
        label_en="model of the outcome",
        value=text.split("\n")[0].rstrip("."),
        how_zh=f"不同气象 {len(set(numbers))} 种结果；以下为其中一类气象的参数" + (f"；标记：{flags}" if flags else ""),
        how_en=f"{len(set(numbers))} different outcomes over the weather classes; parameters of one of them below"
        + (f"; flags: {flags}" if flags else ""),
        source=_references(kind),
        inputs=(*parameters, *given),
    )


def _parameters(content: Any, where: str) -> Iterator[Step]:
    """Numbers of a model, each with what its docstring says of it; models within it are entered."""
    said = _said(type(content))
    for field in dataclasses.fields(content):
        value = getattr(content, field.name)
        if dataclasses.is_dataclass(value):
            yield from _parameters(value, f"{where}.{field.name}")
        elif isinstance(value, int | float | str) and value != "":
            text, unit = said.get(field.name, ("", ""))
            yield Step(f"{where}.{field.name}", field.name, text or field.name, _plain(value), unit)


def _said(kind: type) -> dict[str, tuple[str, str]]:
    """Parameters that a docstring describes: name → (first sentence, unit)."""
    text = inspect.getdoc(kind) or ""
    found = re.findall(r"^(\w[\w, ]*) : .*\n((?:    .*\n?)+)", text, flags=re.MULTILINE)
    said = {}
    for names, body in found:
        words = re.sub(r"\s+", " ", body).strip()
        unit = re.search(r"\[([^\]]+)\]", words)
        for name in names.split(", "):
            said[name] = (words.split(". ")[0].split(" [")[0].rstrip("."), unit[1] if unit else "")
    return said


def _references(kind: type) -> str:
    """Sources that a model names: the reference lists of its module."""
    module = inspect.getmodule(kind)
    text = inspect.getsource(module) if module else ""
    found = re.findall(r"^\s*\.\. \[\w+\] (.+(?:\n\s{7,}.+)*)", text, flags=re.MULTILINE)
    return "; ".join(dict.fromkeys(re.sub(r"\s+", " ", each).strip() for each in found))


def measured(found: Assessment, rule_id: str) -> tuple[Step, ...]:
    """What a rule measures: each quantity, indicator or piece of evidence of its test."""
    tests = [rule.test for rule in found.ruleset.rules if rule.id == rule_id]
    return tuple(_step_of(leaf) for test in tests for leaf in leaves(test))


_WORDS = {
    "evidence": ("answers.csv", "证据", "evidence"),
    "indicator": ("indicators.csv", "指标", "indicator"),
    "rule": ("rules", "其他规则", "another rule"),
}


def _step_of(leaf: Leaf) -> Step:
    if leaf.what == "quantity":
        about = quantities()[leaf.name]
        return Step(f"quantities[{leaf.name}]", about.label_zh, about.label_en, leaf.name, about.unit)
    table, zh, en = _WORDS[leaf.what]
    return Step(f"{table}[{leaf.name}]", zh, en, leaf.name, leaf.unit)


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value
