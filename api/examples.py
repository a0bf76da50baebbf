"""Where the shipped example parks and their projects are."""

from importlib import resources
from pathlib import Path

#: The project that the demonstration gates, per park.
DEMO_PROJECT = {"zhoushan": "new-tank-farm"}


def parks() -> dict[str, Path]:
    """Folders of the shipped parks by name."""
    found = Path(str(resources.files("parkrisk.scenarios").joinpath("examples"))).glob("*/park.toml")
    return {file.parent.name: file.parent for file in sorted(found)}


def projects() -> dict[str, Path]:
    """Folders of the shipped projects by PARK/PROJECT."""
    return {
        f"{park}/{file.parent.name}": file.parent
        for park, folder in parks().items()
        for file in sorted(folder.glob("projects/*/project.toml"))
    }


def example_park(name: str) -> Path:
    """Folder of a shipped park."""
    return Path(str(resources.files("parkrisk.scenarios").joinpath("examples", name)))


def example_project(park: str) -> Path:
    """Folder of the project that the demonstration gates."""
    return example_park(park) / "projects" / DEMO_PROJECT[park]
