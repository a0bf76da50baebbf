"""Where the shipped example parks and their projects are."""

from importlib import resources
from pathlib import Path

#: The project that the demonstration gates, per park.
DEMO_PROJECT = {"zhoushan": "new-tank-farm"}


def example_park(name: str) -> Path:
    """Folder of a shipped park."""
    return Path(str(resources.files("parkrisk.scenarios").joinpath("examples", name)))


def example_project(park: str) -> Path:
    """Folder of the project that the demonstration gates."""
    return example_park(park) / "projects" / DEMO_PROJECT[park]
