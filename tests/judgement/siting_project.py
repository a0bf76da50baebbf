"""A park of a few units and a project of two propane spheres that hardly fits into it."""

import dataclasses
import functools
from typing import Any

from parkrisk.api.examples import example_park
from parkrisk.risk.entry.gate import Decision, gate
from parkrisk.scenarios import change, project_from_json, read
from parkrisk.scenarios.park import Park, Project
from tests.minimal_park import COARSE

_KEPT = (
    *("kind", "diameter_m", "volume_m3", "fill_fraction", "max_fill_fraction", "pressure_kpa", "temperature_c"),
    *("substance", "hole_bore_mm", "detection_class", "isolation_class"),
)
_OFFICE = {"target_id": "office", "name": "office", "class": "general class 2", "x": 500400.0, "y": 4500420.0}
#: The middle of the project where it stands. [m]
MIDDLE = (500610.0, 4500200.0)
#: A little more than the park. [m]
AREA = (499960.0, 4499980.0, 501010.0, 4500310.0)


@functools.cache
def park() -> Park:
    return change(read(example_park("minimal")), add={"targets": [{**_OFFICE, "persons": 30}]})


def document(**more: Any) -> dict[str, Any]:
    """The project as JSON: a sphere like that of the park, twice."""
    sphere = park().tables["units"].set_index("unit_id").loc["V-201", list(_KEPT)].to_dict()
    both = [
        {"unit_id": f"P-{k}", "name": f"P-{k}", "enterprise_id": "e9", "x": x, "y": MIDDLE[1], **sphere}
        for k, x in enumerate((MIDDLE[0] - 10.0, MIDDLE[0] + 10.0))
    ]
    staff = {"staff_day": 5, "staff_night": 2}
    return {
        "project": {"name": "spheres", "code": "P", "category": "new", "nature": "chemical", "enterprise": "e9"},
        "units": both,
        "enterprises": [{"enterprise_id": "e9", "name": "e9", "kind": "chemical", "area_ha": 1, **staff}],
        **more,
    }


@functools.cache
def project() -> Project:
    return project_from_json(document())


@functools.cache
def decision() -> Decision:
    return gate(park(), project(), settings=dataclasses.replace(COARSE, threads=None))
