"""One footprint as risk integration keeps and reads it, and what it comes to on each ring of its grid."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from parkrisk.models.errors import ParkRiskError
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR, Footprint, PolarGrid
from parkrisk.risk.footprints import packing

__all__ = ["Packed", "Rings", "Singles", "from_inside", "pack", "rings_of"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Shorts = NDArray[np.int32]

#: What a footprint comes to on each ring, integrated over the angle, and what its discs do, as far as they reach.
Rings = tuple[Floats, Floats]


@dataclass(frozen=True)
class Packed:
    """One footprint as the kernels read it.

    Parameters
    ----------
    start : tuple of 3 int32 arrays, shape (n_rings + 1,)
        Bins of ring i are ``values[row][start[row][i]:start[row][i + 1]]`` ...
    lead : tuple of 3 int32 arrays, shape (n_rings,)
        ... after so many that equal the first of these.
    values : tuple of 3 float32 arrays
        Rows INDIVIDUAL, OUTDOOR, INDOOR, each without the zeros at the end of its rings. Equal rows are one array.
    disc_radius : float64 array, shape (n_discs,)
        [m]
    disc_lethality : float64 array, shape (3, n_discs)
    """

    start: tuple[Shorts, ...]
    lead: tuple[Shorts, ...]
    values: tuple[Singles, ...]
    disc_radius: Floats
    disc_lethality: Floats

    @functools.cached_property
    def size(self) -> int:
        """Memory taken. [B]"""
        bytes_of = {id(part): part.nbytes for part in (*self.start, *self.lead, *self.values)}
        return sum(bytes_of.values()) + self.disc_lethality.nbytes

    def reach(self, grid: PolarGrid) -> float:
        """Distance beyond which nobody dies, in the open or behind walls: ring after the last, or widest disc. [m]"""
        last = max(int(np.searchsorted(self.start[row], self.start[row][-1])) for row in (OUTDOOR, INDOOR))
        ring = float(grid.radius[min(last, grid.n_rings - 1)]) if last else 0.0
        return max(ring, float(self.disc_radius.max(initial=0.0))) * (1.0 + 1e-9)

    def to_bytes(self) -> bytes:
        """Everything in one piece; equal rows once."""
        own = [next(j for j in range(3) if self.values[j] is row) for row in self.values]
        rows = sorted(set(own))
        head = np.array([self.start[0].size, self.disc_radius.size, *own], dtype=np.int64)
        discs = [self.disc_radius.data, self.disc_lethality.data]
        parts = (part[row].data for part in (self.start, self.lead, self.values) for row in rows)
        return b"".join([head.data, *discs, *parts])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Packed":
        """Read what `to_bytes` wrote."""
        n_starts, n_discs, *own = np.frombuffer(data, np.int64, 5).tolist()
        place = 40
        discs = np.frombuffer(data, np.float64, 4 * n_discs, place).reshape(4, n_discs)
        place += discs.nbytes
        rows = sorted(set(own))
        bounds = np.frombuffer(data, np.int32, len(rows) * (2 * n_starts - 1), place)
        place += bounds.nbytes
        starts, leads = np.split(bounds, [len(rows) * n_starts])
        start = dict(zip(rows, starts.reshape(len(rows), n_starts), strict=True))
        lead = dict(zip(rows, leads.reshape(len(rows), n_starts - 1), strict=True))
        values: dict[int, Singles] = {}
        for row, begin in start.items():
            values[row] = np.frombuffer(data, np.float32, int(begin[-1]), place)
            place += values[row].nbytes
        return cls(
            tuple(start[row] for row in own),
            tuple(lead[row] for row in own),
            tuple(values[row] for row in own),
            discs[0],
            discs[1:],
        )


def pack(footprint: Footprint, grid: PolarGrid) -> Packed:
    """Narrow a footprint to float32 and drop rows that say nothing new.

    Raises
    ------
    ParkRiskError
        If the footprint does not fit the grid or holds something that is no probability.
    """
    lethality = footprint.lethality
    fits = footprint.count.shape == (grid.n_rings,) and lethality.shape == (3, int(footprint.count.sum()))
    if not fits or (footprint.count.size and int(footprint.count.max()) > grid.n_bins // 2):
        raise ParkRiskError("足迹与极坐标网格不符", "footprint does not fit its polar grid")
    rows = np.ascontiguousarray(lethality, dtype=np.float64)
    start: Shorts = np.empty((3, grid.n_rings + 1), dtype=np.int32)
    lead: Shorts = np.empty((3, grid.n_rings), dtype=np.int32)
    discs = footprint.disc_lethality
    if not (packing.extent(footprint.count, rows, start, lead) and ((discs >= 0.0) & (discs <= 1.0 + 1e-9)).all()):
        raise ParkRiskError("足迹中的死亡概率不在 0 与 1 之间", "lethality of a footprint is not within 0 and 1")
    kept: list[tuple[Shorts, Shorts, Singles]] = []
    for i, row in enumerate(rows):
        known = (kept[j] for j in range(i) if packing.alike(rows[j], row))
        own = start[i].copy(), lead[i].copy()
        kept.append(next(known, None) or (*own, packing.narrow(footprint.count, row, *own)))
        for part in kept[i]:
            part.setflags(write=False)  # as those read from disk are: kernels are compiled for one of both
    return Packed(
        start=tuple(start for start, _, _ in kept),
        lead=tuple(lead for _, lead, _ in kept),
        values=tuple(values for _, _, values in kept),
        disc_radius=np.ascontiguousarray(footprint.disc_radius, dtype=np.float64),
        disc_lethality=np.ascontiguousarray(footprint.disc_lethality, dtype=np.float64),
    )


def rings_of(packed: Packed, grid: PolarGrid) -> Rings:
    """Integrals of a footprint and of its discs on each ring, up to the last that is reached."""
    row = packed.start[INDIVIDUAL], packed.lead[INDIVIDUAL], packed.values[INDIVIDUAL]
    whole = packing.ring_sums(*row) * (2.0 * grid.bin_width)
    reached = np.searchsorted(grid.radius, packed.disc_radius, side="right")
    discs = np.zeros(int(reached.max(initial=0)))
    for end, lethality in zip(reached.tolist(), packed.disc_lethality[INDIVIDUAL], strict=True):
        discs[:end] += lethality
    return np.trim_zeros(whole, "b").copy(), discs


def from_inside(rows: Sequence[Floats], n_rings: int) -> scipy.sparse.csr_array:
    """Rows of a sparse array that begin at the first ring."""
    length = np.array([row.size for row in rows], dtype=np.int64)
    end = np.cumsum(length)
    ring = np.arange(length.sum()) - np.repeat(end - length, length)
    values = np.concatenate([np.zeros(0), *rows])
    return scipy.sparse.csr_array((values, ring, np.concatenate([[0], end])), shape=(len(rows), n_rings))
