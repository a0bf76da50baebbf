"""Files that an input names: they lie inside its folder, whatever the name says."""

from pathlib import Path

__all__ = ["file_within"]


def file_within(folder: Path, name: str) -> Path | None:
    """Path of a plain file of a folder; None if there is none of this name, or the name leads out of the folder."""
    try:
        path = folder / name
        return path if path.resolve().is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):  # too long, or no name at all
        return None
