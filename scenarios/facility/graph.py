"""The facility graph: which unit loads which, with heat and blast, and its flat arrays for the cascade kernels.

Nodes are units, edges are escalation vectors. Heat and overpressure are taken at the point of the target's shell that
is nearest to the source; a source stands at its own unit's centre. Distances on edges are from shell to shell.
"""

import functools
import json
from dataclasses import dataclass, field
from importlib import resources
from os import PathLike
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.errors import OutOfRange, Problem
from parkrisk.models.vulnerability.fragility import (
    TimeToFailureRule,
    blast_failure_probability,
    equipment,
    flags,
    time_to_failure_rule,
)
from parkrisk.scenarios.checks.loads import checked_loads
from parkrisk.scenarios.facility.edges import edge_table
from parkrisk.scenarios.facility.graph_files import graph_geojson
from parkrisk.scenarios.facility.known_loads import LoadBasis
from parkrisk.scenarios.facility.loads import FragmentRows, Rows, matrix_fragments, matrix_rows, no_fragments, no_rows
from parkrisk.scenarios.facility.network import Keys, Network, id_keys
from parkrisk.scenarios.facility.protection import Protection, bare
from parkrisk.scenarios.messages import listed, problem

Array = NDArray[np.float64]

_LEAST_VOLUME = 1.0  # stands for an unknown volume of a pressure vessel, which fails the sooner the smaller it is [m³]


@dataclass(frozen=True)
class Facility:
    """Units, what may start or carry a cascade, and the loads between them.

    Parameters
    ----------
    units : DataFrame
        unit_id, enterprise_id, kind, substance, equipment_class, volume_m3, x, y, radius_m, height_m [m; 0: unknown],
        size_known (diameter and volume; small equipment needs none), bund_id, secondary (the event a unit suffers when
        it fails in a cascade; "": none); sorted by unit_id, index 0..n-1.
    sources : DataFrame
        event_id, unit (index), frequency [1/yr]; sorted by event_id, index 0..m-1.
    network : Network
        The same as flat arrays.
    edges : DataFrame
        from_unit, to_unit, heat_load_kw_m2, overpressure_kpa (largest over events and wind classes),
        fragment_probability, engulfed (chance that a fragment fails the unit, chance of the wind classes in which the
        flame touches it, each given the event, largest over events), distance_m.
    flags : tuple of str
        Codes of what is unverified or assumed.
    loads : tuple of Rows
        Heat and blast of the sources.
    protection : Protection
        What stands between the units and their failure.
    basis : LoadBasis or None
        What the loads were computed from, for a facility that shares some of it.
    """

    units: pd.DataFrame
    sources: pd.DataFrame
    network: Network
    edges: pd.DataFrame
    flags: tuple[str, ...]
    loads: tuple[Rows, Rows] = field(repr=False)
    protection: Protection = field(repr=False)
    basis: LoadBasis | None = field(default=None, repr=False)

    @functools.cached_property
    def graph(self) -> nx.DiGraph:
        """Nodes are unit ids with their attributes, edges the loads; the graph itself carries the flags."""
        graph = nx.DiGraph(flags=" ".join(self.flags))
        for row in self.units.to_dict("records"):
            graph.add_node(row["unit_id"], **{str(key): value for key, value in row.items() if key != "unit_id"})
        for row in self.edges.to_dict("records"):
            loads = {str(key): value for key, value in row.items() if key not in ("from_unit", "to_unit")}
            graph.add_edge(row["from_unit"], row["to_unit"], **loads)
        return graph

    @functools.cached_property
    def notes(self) -> tuple[Problem, ...]:
        """What is no fault but may be unmeant: units apart from all others, primary events that never happen."""
        net, ids = self.network, self.units["unit_id"].to_numpy(object)
        acts = (net.heat_row >= 0).any(axis=1) | (net.blast_row >= 0).any(axis=1) | (net.fragment_row >= 0)
        alone = np.ones(len(ids), dtype=np.bool_)
        for joined in (net.source_unit[acts], net.heat_target, net.blast_target, net.fragment_target):
            alone[joined] = False
        idle = self.sources["event_id"][self.sources["frequency"] == 0.0].tolist()
        found = {"isolated_units": ids[alone].tolist(), "primaries_never": idle}
        tables = {"isolated_units": "units", "primaries_never": "events"}
        return tuple(
            problem(code, tables[code], found=listed(names), count=len(names)) for code, names in found.items() if names
        )

    def write_graphml(self, path: str | PathLike[str]) -> None:
        """Write the graph with all attributes, for Gephi, yEd, Cytoscape and the like."""
        nx.write_graphml(self.graph, path)

    def write_geojson(self, path: str | PathLike[str], crs: str) -> None:
        """Write the graph for maps, see `graph_files.graph_geojson`; ``crs`` is that of its coordinates."""
        collection = graph_geojson(self.units, self.edges, crs)
        text = json.dumps(collection, ensure_ascii=False, allow_nan=False)
        Path(path).write_text(text + "\n", encoding="utf-8")


@functools.cache
def equipment_class(kind: str) -> str:
    """Fragility class of a kind of unit.

    Raises
    ------
    OutOfRange
        The kind stands in no class.
    """
    with resources.files("parkrisk.scenarios").joinpath("data", "equipment_classes.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, index_col="kind")
    if kind not in table.index:
        raise OutOfRange(f"设备类型 {kind} 没有易损性类别", f"units of kind {kind} stand in no fragility class")
    return str(table.loc[kind, "equipment_class"])


def unit_table(units: pd.DataFrame) -> pd.DataFrame:
    """Take what cascades need from a park's table of units, in service only, sorted by unit_id.

    Raises
    ------
    OutOfRange
        A unit_id stands twice, or a kind is in no fragility class.
    """
    table = units
    if table["unit_id"].duplicated().any():
        raise OutOfRange("设备编号重复", "a unit_id stands twice")
    if "in_service" in table:
        table = table[table["in_service"].fillna("yes") != "no"]
    table = table.sort_values("unit_id", ignore_index=True)
    blank = pd.Series(np.nan, index=table.index)
    kinds = table["kind"].astype(str)
    classes = kinds.map(equipment_class).astype(str)
    volume, diameter = (table.get(name, blank).astype(float) for name in ("volume_m3", "diameter_m"))
    return pd.DataFrame(
        {
            "unit_id": table["unit_id"].astype(str),
            "enterprise_id": table["enterprise_id"].astype(str),
            "kind": kinds,
            "substance": table["substance"].fillna("").astype(str) if "substance" in table else "",
            "equipment_class": classes,
            "volume_m3": volume.fillna(_LEAST_VOLUME),
            "x": table["x"].astype(float),
            "y": table["y"].astype(float),
            "radius_m": 0.5 * diameter.fillna(0.0),
            "height_m": table.get("height_m", blank).astype(float).fillna(diameter).fillna(0.0),
            "size_known": (volume.notna() & diameter.notna()) | (classes == "small"),
            "bund_id": table["bund_id"].fillna("").astype(str) if "bund_id" in table else "",
        }
    )


def assemble(
    units: pd.DataFrame,
    sources: pd.DataFrame,
    heat: Rows,
    blast: Rows,
    secondary: tuple[NDArray[np.int32], NDArray[np.int32]],
    class_probability: Array,
    rule: TimeToFailureRule,
    basis: LoadBasis | None = None,
    fragments: FragmentRows | None = None,
    protection: Protection | None = None,
    pool: Keys | None = None,
) -> Facility:
    """Put units and loads together.

    Parameters
    ----------
    units, sources
        As in `Facility`; ``units`` as `unit_table` gives them.
    heat, blast : Rows
        Loads of each source: W/m² and Pa.
    secondary : tuple of int32 arrays, shape (n_units,)
        Source that gives a failed unit its heat, and the one that gives its blast; -1: none.
    class_probability : array, shape (n_classes,) or (n_sources, n_classes)
        Of each wind class, of all sources or of each.
    rule : TimeToFailureRule
        Reading of the time-to-failure probit.
    basis : LoadBasis, optional
        What the loads were computed from.
    fragments : FragmentRows, optional
        Of each source; none if left out.
    pool : uint64 array, shape (n_sources,), optional
        Bund in which each source burns, as in `Network`; without it none does.
    protection : Protection, optional
        Of each unit; without it no barriers, and the response that ``rule`` stands for.

    Raises
    ------
    OutOfRange
        ``protection`` is that of another number of units.
    """
    thrown = fragments or no_fragments(len(sources))
    guarded = protection or bare(len(units), rule)
    if guarded.clock_mean.size != len(units):
        raise OutOfRange(f"protection 应为 {len(units)} 台设备", f"the protection should be that of {len(units)} units")
    exponent = class_constants(units, "ttf_heat_exponent")
    fitted = np.minimum(units["volume_m3"].to_numpy(float), class_constants(units, "ttf_largest_volume"))
    volume = fitted ** class_constants(units, "ttf_volume_exponent")
    shell = class_constants(units, "ttf_constant") + class_constants(units, "ttf_volume_factor") * volume
    loads = Network(
        id_keys(units["unit_id"]),
        shell + exponent * np.log(1000.0),  # the correlation has I in kW/m²
        exponent,
        class_constants(units, "heat_threshold"),
        guarded.clock_mean,
        guarded.clock_deviation,
        heat.start,
        heat.target,
        heat.load,
        heat.duration,
        blast.start,
        blast.target,
        _blast_probability(units, blast),
        heat.row,
        blast.row,
        sources["unit"].to_numpy(np.int32),
        secondary[0],
        secondary[1],
        np.broadcast_to(np.asarray(class_probability, dtype=np.float64), heat.row.shape),
        thrown.start,
        thrown.target,
        thrown.probability,
        thrown.row,
        np.zeros(len(sources), np.uint64) if pool is None else pool,
        guarded.delay,
        guarded.delay_fails,
        guarded.deluge_factor,
        guarded.deluge_fails,
        guarded.system,
        id_keys(guarded.systems),
        guarded.system_fails,
    )
    # Kernels would be compiled once more for every array that may not be written.
    network = Network._make(np.require(array, requirements=["C", "W"]) for array in loads)
    found = {flag for name in units["equipment_class"].unique() for flag in flags(name)}
    marks = tuple(sorted(found | {*size_flags(units)} | {*guarded.flags} | {*thrown.flags}))
    edges = edge_table(units, network, heat, blast, thrown)
    return Facility(units, sources, network, edges, marks, (heat, blast), guarded, basis)


def size_flags(units: pd.DataFrame) -> dict[str, int]:
    """Codes of what is assumed about the sizes of units, and for how many of them it is."""
    beyond = units["volume_m3"].to_numpy(float) > class_constants(units, "ttf_largest_volume")
    counts = {"size_unknown": int((~units["size_known"]).sum()), "unverified:ttf_volume": int(beyond.sum())}
    return {code: count for code, count in counts.items() if count}


def class_constants(units: pd.DataFrame, name: str) -> Array:
    """One number of `parkrisk.models.vulnerability.fragility.Equipment` for each unit, by its class."""
    of_unit, classes = pd.factorize(units["equipment_class"])
    of_class: Array = np.array([getattr(equipment(str(each)), name) for each in classes], dtype=np.float64)
    return of_class[of_unit]


def _blast_probability(units: pd.DataFrame, blast: Rows) -> Array:
    of_unit, names = pd.factorize(units["equipment_class"])
    of_entry = of_unit[blast.target]
    out = np.zeros(blast.load.size)
    for number, name in enumerate(names):
        own = of_entry == number
        out[own] = blast_failure_probability(blast.load[own], str(name))
    return out


def facility_from_loads(
    units: pd.DataFrame,
    heat_load_kw_m2: ArrayLike,
    *,
    overpressure_kpa: ArrayLike | None = None,
    fragment_probability: ArrayLike | None = None,
    emissive_power_kw_m2: ArrayLike | None = None,
    frequency: ArrayLike = 1.0,
    duration: ArrayLike = np.inf,
    rule: TimeToFailureRule | None = None,
    protection: Protection | None = None,
) -> Facility:
    """Facility with given load matrices, for layouts whose loads were computed elsewhere.

    Parameters
    ----------
    units : DataFrame
        Columns of a park's units table; the rows of the matrices stand in the same order.
    heat_load_kw_m2 : array, shape (n, n)
        ``[u, v]``: what unit u, burning, puts on unit v; the diagonal is 0. [kW/m²]
    overpressure_kpa : array, shape (n, n), optional
        The same for the blast of unit u, which comes with its fire at once. [kPa]
    fragment_probability : array, shape (n, n), optional
        Chance that a fragment of unit u fails unit v.
    emissive_power_kw_m2 : float or array, shape (n,), optional
        Of the flame at each unit, which no load of it can exceed; left out or NaN: 1,000 kW/m². [kW/m²]
    frequency : float or array, shape (n,)
        Of such a fire at each unit. [1/yr]
    duration : float or array, shape (n,)
        Of these fires. [s]
    rule : TimeToFailureRule, optional
        Reading of the time-to-failure probit.
    protection : Protection, optional
        Of the units in service, by unit_id; see `protection.protection_of`. Left out: no barriers.

    Returns
    -------
    Facility
        One wind class; the source of a unit is called after it.

    Raises
    ------
    InputProblems
        With every fault of units and matrices, see `check_loads.checked_loads`.
    OutOfRange
        ``protection`` is that of another number of units.
    """
    given: dict[str, ArrayLike | None] = {
        "heat_load_kw_m2": heat_load_kw_m2,
        "overpressure_kpa": overpressure_kpa,
        "fragment_probability": fragment_probability,
    }
    loads = checked_loads(units, given, frequency, duration, emissive_power_kw_m2)
    table = unit_table(units)
    n = len(table)
    order = pd.Index(units["unit_id"].astype(str)).get_indexer(pd.Index(table["unit_id"]))
    block = np.ix_(order, order)
    own, none = np.arange(n, dtype=np.int32), np.full(n, -1, dtype=np.int32)
    sources = pd.DataFrame({"event_id": table["unit_id"], "unit": own, "frequency": loads.frequency[order]})
    heat = matrix_rows(loads.heat[block], loads.duration[order])
    blast = no_rows(n, 1) if loads.blast is None else matrix_rows(loads.blast[block], np.zeros(n))
    table["secondary"] = table["unit_id"]
    return assemble(
        table,
        sources,
        heat,
        blast,
        (own, none if loads.blast is None else own),
        np.ones(1),
        time_to_failure_rule() if rule is None else rule,
        fragments=None if loads.fragments is None else matrix_fragments(loads.fragments[block]),
        protection=protection,
    )
