"""A siting map: what it holds, what it says of a place, and the proof of a place by the gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.entry.gate import Decision, gate
from parkrisk.risk.footprints.library import Floats
from parkrisk.risk.individual import Raster
from parkrisk.risk.result import plain
from parkrisk.risk.siting.moving import moved_to
from parkrisk.scenarios.park import Park, Project

#: What a cell may be, in Chinese and English: not wholly inside the boundary; another unit stands there; ...
VERDICT_WORDS = {
    "outside": ("园区外", "outside"),
    "occupied": ("已有设备", "occupied"),
    "fail": ("不符合", "fail"),
    "unknown": ("无法判定", "unknown"),
    "pass": ("符合", "pass"),
}
#: Its codes.
VERDICTS = tuple(VERDICT_WORDS)
OUTSIDE, OCCUPIED, FAIL, UNKNOWN, PASS = range(len(VERDICTS))

#: Criteria.
CRITERION_WORDS = {
    "none": ("无", "none"),
    "individual_new": ("个人风险，新建基准", "individual risk, new"),
    "individual_in_service": ("个人风险，在役基准", "individual risk, in service"),
    "societal": ("社会风险", "societal risk"),
}
#: Their codes, those of `parkrisk.risk.siting.rooms` among them.
CRITERIA = tuple(CRITERION_WORDS)

#: Of so many names of what is missing a sentence is made.
_MOST_NAMES = 3

#: What the map leaves out, in Chinese and English.
LEFT_OUT = (
    (
        "多米诺连锁只计项目自身设备之间的：与其他设备的连锁未重算，选定的位置由准入判定证明",
        "without cascades between the project and other units: a chosen cell is proven by the gate",
    ),
    (
        "新增多米诺升级对、建成后园区等级不逐单元计算，视为未知；外部安全防护距离仅在按项目自身风险判定时逐单元核对",
        "new escalation pairs and the park's grade with the project are left unknown; external safety distance is "
        "judged where the project's own risk decides it",
    ),
    (
        "项目自身员工受其他企业的影响只按上界核对",
        "the project's own staff among the victims of others: checked by a bound only",
    ),
)


@dataclass(frozen=True)
class Siting:
    """A siting map: arrays of shape (ny, nx), rows from south to north.

    Parameters
    ----------
    park, project : Park, Project
    raster : Raster
        Centres of the cells, in the CRS of the park. [m]
    verdict : int8 array
        Code of ``VERDICTS``.
    room : array
        How many times the risk of the project fits at the cell before a criterion binds: below 1 it does not fit, 1000
        stands for 1000 and more, NaN where the cell is outside or occupied.
    binding : int8 array
        Code of ``CRITERIA``: which one leaves the least room; "none" where that is 1000 or more.
    target : int32 array
        Row of ``targets`` that binds, -1: none.
    targets : DataFrame
        target_id, name, class, limit, limit_new, before. [1/yr]
    own_place : (float, float)
        Middle of the project where it stands. [m]
    elsewhere : str
        Verdict over all rules if every criterion of the map were met.
    rules : DataFrame
        Those rules that do not pass then, with their effect.
    unknown : tuple of str
        Why no cell passes, if that is so.
    decision : Decision
        Of the gate at the project's own place.
    method : mapping
    """

    park: Park
    project: Project
    raster: Raster
    verdict: NDArray[np.int8]
    room: Floats
    binding: NDArray[np.int8]
    target: NDArray[np.int32]
    targets: pd.DataFrame
    own_place: tuple[float, float]
    elsewhere: str
    rules: pd.DataFrame
    unknown: tuple[str, ...]
    decision: Decision = field(repr=False)
    method: Mapping[str, Any]

    def at(self, x: float, y: float) -> dict[str, Any]:
        """What the map says of the cell that holds a place.

        Raises
        ------
        OutOfRange
            The place is not on the map.
        """
        column = int(np.floor((x - self.raster.x0) / self.raster.cell + 0.5)) if np.isfinite(x) else -1
        row = int(np.floor((y - self.raster.y0) / self.raster.cell + 0.5)) if np.isfinite(y) else -1
        if not (0 <= column < self.raster.nx and 0 <= row < self.raster.ny):
            raise OutOfRange(f"位置 ({x:g}, {y:g}) 不在图内", f"the place ({x:g}, {y:g}) is not on the map")
        return self._record(row, column)

    def best(self, number: int = 10) -> pd.DataFrame:
        """Find the places with the most room, apart from each other by a twentieth of the map.

        Returns
        -------
        DataFrame
            x, y [m], verdict, room, binding, target_id; cells that pass before those of which something is unknown,
            these before those that fail. Of equal room the place first that lies deepest among cells as good.
        """
        columns = ["x", "y", "verdict", "room", "binding", "target_id"]
        if not np.isfinite(self.room).any():
            return pd.DataFrame(columns=columns)
        good = self.verdict == self.verdict.max()
        depth = distance_transform_edt(np.pad(good, 1))[1:-1, 1:-1]
        order = np.lexsort((-depth.ravel(), -np.nan_to_num(self.room.ravel(), nan=-1.0), -self.verdict.ravel()))
        apart = max(self.raster.nx, self.raster.ny) / 20.0
        chosen: list[tuple[int, int]] = []
        for row, column in zip(*np.unravel_index(order, self.room.shape), strict=True):
            if np.isnan(self.room[row, column]) or len(chosen) == number:
                break
            if all(np.hypot(row - i, column - j) >= apart for i, j in chosen):
                chosen.append((int(row), int(column)))
        return pd.DataFrame([self._record(*place) for place in chosen], columns=columns)

    def _record(self, row: int, column: int) -> dict[str, Any]:
        target = int(self.target[row, column])
        return {
            "x": float(self.raster.x[column]),
            "y": float(self.raster.y[row]),
            "verdict": VERDICTS[int(self.verdict[row, column])],
            "room": float(self.room[row, column]),
            "binding": CRITERIA[int(self.binding[row, column])],
            "target_id": "" if target < 0 else str(self.targets["target_id"].iloc[target]),
        }

    @property
    def doubts(self) -> tuple[tuple[str, str], ...]:
        """Why cells are unknown, in Chinese and English."""
        if self.unknown:
            more = "" if len(self.unknown) <= _MOST_NAMES else " …"
            names = ", ".join(self.unknown[:_MOST_NAMES]) + more
            return ((f"无法判定：缺少 {names}", f"unknown: {names} missing"),)
        if (self.verdict == UNKNOWN).any():
            cut = societal_criterion().cut
            return (
                (
                    f"无法判定：F-N 曲线越过准则终点 N={cut:g}（未经核实），或计入项目员工后可能越过上限",
                    f"unknown: the F-N curve goes on beyond N={cut:g}, where the criterion ends (unverified), or "
                    "may cross the upper line with the project's staff among the victims of others",
                ),
            )
        return ()

    def prove(self, x: float, y: float) -> Decision:
        """Verdict of the gate with the middle of the project at a place [m], cascades and all, seeking no cure."""
        before = self.decision.before
        return gate(
            self.park,
            moved_to(self.project, self.park, x, y),
            settings=before.settings,
            rules=str(self.decision.provenance["rules"]),
            seed=int(before.provenance["seed"]),
            before=before,
            cures=False,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything but the arrays, ready for JSON."""
        number, count = np.unique(self.verdict, return_counts=True)
        cells = dict.fromkeys(VERDICTS, 0) | {VERDICTS[k]: int(n) for k, n in zip(number, count, strict=True)}
        shown = ["rule_id", "title_zh", "title_en", "status", "effect"]
        content: dict[str, Any] = plain(
            {
                "cells": cells,
                "best": self.best(),
                "elsewhere": self.elsewhere,
                "rules": self.rules[shown],
                "unknown": list(self.unknown),
                "own_place": self.decision.verdict,
                "left_out": [{"zh": zh, "en": en} for zh, en in LEFT_OUT],
                "method": dict(self.method),
            }
        )
        return content
