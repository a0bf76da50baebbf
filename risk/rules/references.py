"""Rules that refer to other rules: in which order they are judged, and references that lead nowhere or in circles."""

from collections.abc import Collection, Sequence

import networkx as nx

from parkrisk.risk.rules.conditions import leaves
from parkrisk.risk.rules.rulefile import Rule


def referred(rule: Rule) -> list[str]:
    """Ids of the rules that a rule refers to, in the order of its tests."""
    named = (leaf.name for test in rule.tests for leaf in leaves(test) if leaf.what == "rule")
    return list(dict.fromkeys(named))


def _graph(rules: Sequence[Rule]) -> nx.DiGraph:
    """Edges from the rule referred to, to the rule that refers to it; versions of one id are one node."""
    graph = nx.DiGraph()
    for rule in rules:
        graph.add_node(rule.id)
        graph.add_edges_from((name, rule.id) for name in referred(rule))
    return graph


def in_order(rules: Sequence[Rule], asked: Collection[str]) -> list[int]:
    """Places of the rules asked for and of all they refer to; what a rule refers to stands before it.

    Raises
    ------
    networkx.NetworkXUnfeasible
        The rules refer to each other in a circle; ``circles`` finds it before.
    """
    if not any(referred(rule) for rule in rules):
        return [place for place, rule in enumerate(rules) if rule.id in asked]
    graph = _graph(rules)
    needed = set(asked).union(*(nx.ancestors(graph, name) for name in asked))
    rank = {name: number for number, name in enumerate(nx.topological_sort(graph))}
    return sorted((place for place, rule in enumerate(rules) if rule.id in needed), key=lambda at: rank[rules[at].id])


def circles(rules: Sequence[Rule]) -> list[list[str]]:
    """Every group of rules that refer to each other in a circle, each sorted, one with itself included."""
    graph = _graph(rules)
    groups = [sorted(group) for group in nx.strongly_connected_components(graph)]
    return sorted(group for group in groups if len(group) > 1 or graph.has_edge(group[0], group[0]))
