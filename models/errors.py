"""What can go wrong, each kind with a stable code and a message in Chinese and English."""

from collections.abc import Sequence
from dataclasses import dataclass


class ParkRiskError(Exception):
    """Root of all errors that parkrisk raises on purpose.

    Parameters
    ----------
    message_zh, message_en : str
        The same message in Chinese and in English.
    """

    code = "parkrisk.error"

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(f"{message_en} | {message_zh}")
        self.message_zh = message_zh
        self.message_en = message_en


class OutOfRange(ParkRiskError):
    """A model was asked for something outside the range its source gives."""

    code = "models.out_of_range"


class UnknownSubstance(ParkRiskError):
    """No substance has that CAS number or name."""

    code = "models.unknown_substance"


class MissingProperty(ParkRiskError):
    """The substance is known, the property is not."""

    code = "models.missing_property"


@dataclass(frozen=True)
class Problem:
    """One fault of the input: where it is, what was found and what would be right.

    ``row`` counts data rows from 1 as the file shows them below its header, in a workbook it is the row of the sheet;
    None: the whole table or column.
    ``severity`` is "error" (the run stops), "warning" (the run goes on and the result lists it) or "note" (only a check
    of the input says it).
    ``place`` is the address in a workbook or map, such as 设备!F12 or plan.dxf/储罐#12; "" for other inputs.
    """

    table: str
    row: int | None
    column: str
    code: str
    found: str
    message_zh: str
    message_en: str
    severity: str = "error"
    place: str = ""

    def sort_key(self) -> tuple[str, int, str, str]:
        """Order of a problem list: by table, row, column, code."""
        return (self.table, -1 if self.row is None else self.row, self.column, self.code)


class InputProblems(ParkRiskError):
    """The input cannot be assessed; ``problems`` lists every fault found, not only the first."""

    code = "park.invalid_input"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=Problem.sort_key))
        errors = sum(problem.severity == "error" for problem in self.problems)
        super().__init__(f"输入有 {errors} 个错误", f"{errors} problems in the input")


class RuleError(ParkRiskError):
    """A rulebook cannot be used: its file is wrong, or it asks for an unknown quantity."""

    code = "rules.invalid"
