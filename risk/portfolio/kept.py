"""Outcomes on disk, each in a file of its own that is whole or not there at all."""

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path

from parkrisk.risk.portfolio.errors import NotWritable
from parkrisk.risk.portfolio.outcome import Outcome
from parkrisk.risk.result import canonical_json, digest

__all__ = ["Kept"]

_ENDING = ".json"
_SHOWN = 40  # signs of a name; a file name has 255 bytes at most
_HALF = ".part"  # what a killed run leaves is never read, and written over


class Kept:
    """Outcomes of parks in a folder, found again by park and key.

    Parameters
    ----------
    folder : path
        Made if it is not there.

    Raises
    ------
    NotWritable
        Nothing can be written there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise NotWritable(f"无法写入 {folder}：{reason}", f"cannot write to {folder}: {reason}") from None

    def path(self, park: str) -> Path:
        """File of a park: its name, as far as every system takes it, and what tells it from all others."""
        shown = re.sub(r"[^\w.-]", "_", park)[:_SHOWN]
        return self._folder / f"{shown}-{digest([park])[:16]}{_ENDING}"

    def write(self, park: str, key: str, outcome: Outcome) -> None:
        """Keep an outcome: written beside and forced to disk first, then given its name in one step."""
        content = outcome.content()
        text = canonical_json({"key": key, "digest": _digest(content), "outcome": content})
        target = self.path(park)
        half = target.with_name(target.name + _HALF)
        try:
            with half.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            half.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                half.unlink()
            reason = error.strerror or type(error).__name__
            raise NotWritable(f"无法写入 {target.name}：{reason}", f"cannot write {target.name}: {reason}") from None

    def find(self, park: str, key: str) -> Outcome | None:
        """Outcome of a park if it was kept under this key, whole and unchanged; else None."""
        try:
            found = json.loads(self.path(park).read_text(encoding="utf-8"))
            content = found["outcome"]
            if found["key"] != key or found["digest"] != _digest(content):
                return None
            return Outcome(**content)
        except (OSError, ValueError, LookupError, TypeError):
            return None


def _digest(content: object) -> str:
    return digest([canonical_json(content)])
