"""The order of attention: the worst that what is known leaves possible comes first."""

import itertools

from parkrisk.risk.portfolio.table import ranking, table_of

_KNOWN = {
    "status": "assessed",
    "grade_worst": "C",
    "score_low": 70.0,
    "score_high": 75.0,
    "complete": True,
    "pll": 1e-3,
    "fn_ratio": 0.5,
    "targets_over_limit": 0,
    "targets_unknown": 0,
}
#: From the first to the last.
_ORDER = {
    "not-assessed": {"status": "lost", "grade_worst": None, **dict.fromkeys(list(_KNOWN)[2:])},
    "known-A": {"grade_worst": "A", "score_low": 10.0, "pll": 1.0},
    "B": {"grade_worst": "B", "score_low": 99.0, "pll": 1e-9},
    "open-score": {"score_low": 60.0, "score_high": 100.0},
    "low-upper-bound": {"score_high": 71.0},
    "incomplete": {"complete": False, "pll": 1e-9},
    "pll": {"pll": 2e-3},
    "over": {"targets_over_limit": 1},
    "unknown-target": {"targets_unknown": 1},
    "fn": {"fn_ratio": 0.9},
    "plain": {},
    "same": {},
    "D": {"grade_worst": "D", "score_low": 1.0, "pll": 9.0},
}


def _table(names):
    return table_of({**_KNOWN, **_ORDER[name], "park": name} for name in names)


def test_order_and_equal_ranks():
    found = ranking(_table(_ORDER))
    assert list(found["park"]) == [
        "not-assessed",
        "known-A",
        "B",
        "open-score",
        "low-upper-bound",
        "incomplete",
        "pll",
        "over",
        "unknown-target",
        "fn",
        "plain",
        "same",
        "D",
    ]
    ranks = found.set_index("park")["rank"]
    assert ranks["over"] == ranks["unknown-target"] == 8
    assert ranks["plain"] == ranks["same"] == 11
    assert ranks["D"] == 13


def test_rank_does_not_hang_on_the_order_of_rows():
    for first, second in itertools.pairwise(_ORDER):
        one, other = _table([first, second]), _table([second, first])
        assert one.equals(other)


def test_unknown_never_ranks_better_than_known_bad():
    for name in _ORDER:
        ranks = _table({"not-assessed", name}).set_index("park")["rank"]
        assert ranks["not-assessed"] == 1
