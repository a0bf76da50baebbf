"""Graph metrics of a facility: who starts, who suffers, who relays. They rank; they give no frequency."""

import networkx as nx
import numpy as np
import pandas as pd

#: Length of a certain escalation; a length of 0 would make its ends one node.
_SHORTEST = 1e-9


def graph_metrics(unit_ids: list[str], pairs: pd.DataFrame) -> pd.DataFrame:
    """Closeness and betweenness over direct escalations.

    Parameters
    ----------
    unit_ids : list of str
        All units.
    pairs : DataFrame
        from_unit, to_unit, direct_probability.

    Returns
    -------
    DataFrame
        unit_id, out_closeness, in_closeness, betweenness, in the order of ``unit_ids``.

    Notes
    -----
    The length of an edge is -ln P of the direct escalation, so the shortest path is the most likely chain. Closeness is
    that of [2]_, scaled by the share of units that can be reached.

    References
    ----------
    .. [1] N. Khakzad, G. Reniers, Reliability Engineering & System Safety 143 (2015) 63-73.
    .. [2] S. Wasserman, K. Faust, *Social Network Analysis*, Cambridge University Press, 1994, p. 201.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(unit_ids)
    likely = pairs[pairs["direct_probability"] > 0.0]
    length = np.maximum(-np.log(likely["direct_probability"].to_numpy(float)), _SHORTEST)
    graph.add_weighted_edges_from(zip(likely["from_unit"], likely["to_unit"], length.tolist(), strict=True), "length")
    into = nx.closeness_centrality(graph, distance="length")
    out = nx.closeness_centrality(graph.reverse(copy=False), distance="length")
    between = nx.betweenness_centrality(graph, weight="length")
    return pd.DataFrame(
        {
            "unit_id": unit_ids,
            "out_closeness": [out[unit] for unit in unit_ids],
            "in_closeness": [into[unit] for unit in unit_ids],
            "betweenness": [between[unit] for unit in unit_ids],
        }
    )
