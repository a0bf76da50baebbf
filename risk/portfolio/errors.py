"""What keeps a whole portfolio from being assessed; a fault of one park is a row of its outcome instead."""

from parkrisk.models.errors import ParkRiskError

__all__ = ["ClusterUnreachable", "InUse", "NoParks", "NotWritable", "WorkersDiffer"]


class NoParks(ParkRiskError):
    """The folder holds no park."""

    code = "portfolio.no_parks"


class NotWritable(ParkRiskError):
    """The results have no place."""

    code = "portfolio.not_writable"


class InUse(ParkRiskError):
    """Another run writes its results there."""

    code = "portfolio.in_use"


class ClusterUnreachable(ParkRiskError):
    """No scheduler answers, or the library that talks to it is not installed."""

    code = "portfolio.cluster_unreachable"


class WorkersDiffer(ParkRiskError):
    """Workers do not run what this process runs, so their results would not be the same."""

    code = "portfolio.workers_differ"
