"""Units and targets of a park as map layers: what the input says of each, and what a run found."""

from typing import Any

import pandas as pd
import shapely

from parkrisk.api.service.compute.geography import collection
from parkrisk.models.substance.substances import find
from parkrisk.risk.result import Assessment
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.areas import shapes_of
from parkrisk.scenarios.schema import choices

__all__ = ["input_targets", "input_units", "labelled", "target_layer", "unit_layer"]

_UNIT = [
    *("unit_id", "name", "kind", "enterprise_id", "hazard_unit_id", "substance", "mass_t", "volume_m3"),
    *("diameter_m", "height_m", "fill_fraction", "pressure_kpa", "temperature_c", "status", "in_service", "x", "y"),
]
_TARGET = ["target_id", "name", "class", "category", "persons", "facility_state", "x", "y"]


def labelled(table: pd.DataFrame, column: str, choice: str) -> pd.DataFrame:
    """Table with the labels of a column of choices beside it, such as ``kind_zh`` and ``kind_en``."""
    known = {each.value: each for each in choices(choice)}
    found = [known.get(value) for value in table[column]]
    zh = [value if each is None else each.label_zh for value, each in zip(table[column], found, strict=True)]
    en = [value if each is None else each.label_en for value, each in zip(table[column], found, strict=True)]
    return table.assign(**{f"{column}_zh": zh, f"{column}_en": en})


def input_units(park: Park) -> pd.DataFrame:
    """Units with names of their substances and enterprises."""
    units = labelled(park.tables["units"][_UNIT], "kind", "unit_kind")
    names = park.tables["enterprises"].set_index("enterprise_id")["name"]
    substances = [find(cas) for cas in units["substance"]]
    return units.assign(
        enterprise=units["enterprise_id"].map(names).fillna(""),
        substance_zh=[substance.name_zh for substance in substances],
        substance_en=[substance.name_en for substance in substances],
    )


def input_targets(park: Park) -> pd.DataFrame:
    """Targets with the names of their classes."""
    return labelled(park.tables["targets"][_TARGET], "class", "target_class")


def unit_layer(result: Assessment) -> dict[str, Any]:
    """Units as points: input, and risk of each."""
    given = input_units(result.park)
    found = given.merge(result.sources[["unit_id", *_new(result.sources, given)]], on="unit_id", how="left")
    return collection(shapely.points(found[["x", "y"]].to_numpy(float)), found.to_dict("records"), result.park.crs)


def target_layer(result: Assessment) -> dict[str, Any]:
    """Targets as areas or points: input, individual risk, limit, status."""
    given = input_targets(result.park)
    found = given.merge(result.targets[["target_id", *_new(result.targets, given)]], on="target_id", how="left")
    return collection(shapes_of(result.park.tables["targets"]), found.to_dict("records"), result.park.crs)


def _new(table: pd.DataFrame, given: pd.DataFrame) -> list[str]:
    return [str(column) for column in table if column not in given]
