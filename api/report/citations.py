"""Where numbers are from, in the language of the report: the data files say it in English."""

import csv
import functools
from collections.abc import Mapping
from importlib import resources

from parkrisk.api.report.material import Material

__all__ = ["citations", "cited", "in_chinese"]


@functools.cache
def citations() -> Mapping[str, str]:
    """Chinese wording of the sources that the report prints, by their English text."""
    text = (resources.files("parkrisk.api.report") / "citations.csv").read_text(encoding="utf-8")
    return {row["source"]: row["source_zh"] for row in csv.DictReader(text.splitlines())}


def cited(material: Material, source: str) -> str:
    """A source as the report prints it; as the data file has it where it has no Chinese wording."""
    return material.say(citations().get(source, source), source)


def in_chinese(text: str) -> str:
    """An assumption whose source, after a colon, the data files give in English."""
    label, colon, source = text.partition("：")
    return f"{label}{colon}{citations().get(source, source)}"
