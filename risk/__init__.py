"""The answer: risk, domino effects, grade, gate."""

from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import Decision, gate
from parkrisk.risk.result import Assessment
from parkrisk.risk.settings import Settings

__all__ = ["Assessment", "Decision", "Settings", "assess", "gate"]
