"""What a task works with in a child process: progress, settings, and the parks and assessments kept from before."""

import gc
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import psutil

from parkrisk.api.progress import Report
from parkrisk.api.service.compute.child import Options
from parkrisk.api.service.compute.errors import ResultChanged
from parkrisk.risk.assess import assess
from parkrisk.risk.result import Assessment
from parkrisk.risk.rules.sets import load, shipped
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import park_from_json, project_from_json
from parkrisk.scenarios.park import Park, Project

__all__ = ["Desk", "same_result"]

#: Parks kept, read and checked; one takes a hundredth of its assessment.
_PARKS = 16
_MIB = 2**20

K = TypeVar("K")
V = TypeVar("V")
_Key = tuple[str, str, Settings, int]


class Desk:
    """Where tasks of one child work, one at a time.

    Parameters
    ----------
    options : Options
    progress : callable
        Called as ``progress(stage, done, total)``.
    """

    def __init__(self, options: Options, progress: Report) -> None:
        self.progress = progress
        self._options = options
        self._parks: OrderedDict[str, Park] = OrderedDict()
        self._assessments: OrderedDict[_Key, Assessment] = OrderedDict()

    def settings(self, arguments: Mapping[str, Any]) -> Settings:
        """Choices of method that the arguments name, with the threads of this child."""
        chosen = {name: arguments[name] for name in ("delayed_ignition",) if arguments.get(name) is not None}
        return Settings(threads=self._options.threads, **chosen)

    def park(self, document: Mapping[str, Any]) -> Park:
        """Read a park, or give the one read before from the same document."""
        text = json.dumps(document, sort_keys=True)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self._parks:
            self._parks[key] = park_from_json(document)
        return _latest(self._parks, key, _PARKS)

    def project(self, document: Mapping[str, Any]) -> Project:
        """Read a project."""
        return project_from_json(document)

    def rules(self, arguments: Mapping[str, Any], park: Park) -> str:
        """Name of the rule set asked for, else that of the park.

        Raises
        ------
        RuleError
            It is not shipped: the path of a file would be one of the service, not of the caller.
        """
        return shipped(str(arguments.get("rules") or park.rulebook))

    def assessed(self, arguments: Mapping[str, Any]) -> Assessment:
        """Assess the park of the arguments, from memory where it is there, else from its nearest relative.

        Raises
        ------
        ResultChanged
            The arguments hold a ``result_digest``, and the result is another one.
        """
        park = self.park(arguments["park"])
        rules, seed, settings = self.rules(arguments, park), int(arguments.get("seed") or 0), self.settings(arguments)
        key = (park.digest(), load(rules, park.date).digest, replace(settings, threads=None), seed)
        if key not in self._assessments:
            previous = self._relative(park, key)
            self._assessments[key] = assess(
                park, settings=settings, rules=rules, seed=seed, previous=previous, progress=self.progress
            )
        found = _latest(self._assessments, key, self._options.cache)
        same_result(arguments, found.provenance)
        return found

    def _relative(self, park: Park, key: _Key) -> Assessment | None:
        """Find the assessment, by the same method, of the park that shares most units with this one, at least half."""
        units = _rows(park)
        nearest, most = None, max(len(units) / 2, 1)
        for other, found in self._assessments.items():
            shared = len(units & _rows(found.park))
            if other[2:] == key[2:] and shared >= most:
                nearest, most = found, shared
        return nearest

    def tidy(self) -> None:
        """Forget the oldest assessments while this process takes more than half of what it may."""
        me = psutil.Process()
        while self._assessments and me.memory_info().rss > self._options.memory_mb * _MIB / 2:
            self._assessments.popitem(last=False)
            gc.collect()


def same_result(arguments: Mapping[str, Any], provenance: Mapping[str, Any]) -> None:
    """Refuse to speak of a stored result by another one: the program or its rules may have changed since."""
    if arguments.get("result_digest") not in (None, provenance["result_digest"]):
        raise ResultChanged


def _rows(park: Park) -> frozenset[str]:
    return frozenset(map(repr, park.tables["units"].itertuples(index=False)))


def _latest(kept: OrderedDict[K, V], key: K, most: int) -> V:
    """Give what is kept under a key as the latest one used, and forget the oldest beyond ``most``."""
    found = kept[key]
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
    return found
