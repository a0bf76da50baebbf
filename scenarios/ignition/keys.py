"""Which units an ignition source touches: a key of each unit that changes with the sources its clouds may meet."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from parkrisk.scenarios.events.clouds import Clouds, Release, by_place, releases_of
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.ignition.sources import ignition_sources
from parkrisk.scenarios.park import Park

__all__ = ["ignition_keys"]


def ignition_keys(events: Events, park: Park) -> dict[str, str]:
    """What the delayed ignition of each unit hangs on: a digest of the ignition sources that its clouds may reach.

    Parameters
    ----------
    events : Events
        Of ``expand``, before they are located.
    park : Park

    Returns
    -------
    dict
        unit_id → digest, for units whose clouds may ignite later. Two parks in which the unit and its digest are the
        same give it the same chances of ignition, in the same wind rose.
    """
    sources = ignition_sources(park)
    clouds, tree = Clouds(events), None
    if sources is not None:
        tree = cKDTree(np.stack([sources.x, sources.y], axis=1))
    unit_id = events.table["unit_id"].to_numpy(object)
    found: dict[str, list[str]] = {}
    for place, some in sorted(by_place(events, releases_of(events.table)).items()):
        for unit, own in _by_unit(unit_id, some):
            near = [] if tree is None else tree.query_ball_point(place, clouds.reach(own))
            text = "free_field" if sources is None else sources.digest(np.array(near, dtype=np.int64))
            found.setdefault(unit, []).append(text)
    return {unit: hashlib.sha256(";".join(digests).encode()).hexdigest() for unit, digests in sorted(found.items())}


def _by_unit(unit_id: NDArray[np.object_], releases: Sequence[Release]) -> Iterator[tuple[str, list[Release]]]:
    for unit in sorted({str(unit_id[each.flash]) for each in releases}):
        yield unit, [each for each in releases if unit_id[each.flash] == unit]
