"""What a case of the corpus is: one bad input, how it is made, and what has to be said of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Writes the input into an empty folder and gives the path that the reader is handed.
Make = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """One bad input.

    Parameters
    ----------
    name : str
        What is bad.
    via : str
        Reader, a key of ``readers.READERS``.
    make : callable
    codes : tuple of str
        Every one of these must be among the problems. As errors, unless ``right`` is given.
    where : (table, row, column) or None
        Of a problem with the first code.
    right : callable or None
        The input is fine or only doubtful: it must be read, with ``codes`` as warnings, and this holds of the result.
    local : bool
        Not to be sent through HTTP: what is bad is in the file system.
    """

    name: str
    via: str
    make: Make
    codes: tuple[str, ...] = ()
    where: tuple[str, int | None, str] | None = None
    right: Callable[[Any], bool] | None = None
    local: bool = False


def refused(name: str, via: str, make: Make, *codes: str, where: Any = None, local: bool = False) -> Case:
    """Give a case that must be refused."""
    return Case(name, via, make, codes, where, None, local)


def right(name: str, via: str, make: Make, holds: Callable[[Any], bool], *codes: str) -> Case:
    """Give a case that must be read, rightly."""
    return Case(name, via, make, codes, None, holds)
