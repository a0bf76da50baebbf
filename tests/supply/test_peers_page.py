"""Page of peers: what was measured stands in it, what is not installed is named."""

from benchmarks import peers_page

FOUND = {
    "domino": {
        "ratio_to_plain_python": 1234.0,
        "ratio_to_cynetdiff_500": 12.34,
        "ratio_to_cynetdiff_5000": 23.4,
        "ndlib": "not installed (pip install ndlib)",
    },
    "individual": {
        "sources": 300,
        "cells": 1_000_000,
        "ratio_to_brute_force": 5e4,
        "max_relative_error": 0.02,
        "median_relative_error": 0.001,
    },
    "societal": {
        "sources": 60,
        "populated_cells": 10_000,
        "ratio_to_brute_force": 900.0,
        "median_relative_error_f": 0.003,
        "p95_relative_error_f": 0.04,
    },
    "clouds": {"pool: slabx over ours with the field": 321.0, "tracer": 1.0},
    "validation": {
        "lng_dispersion": {"n": 40, "MG": 0.98, "VG": 1.2, "FAC2": 0.9},
        "lng_dispersion_by_slabx": {"n": 40, "MG": 1.5, "VG": 1.4, "FAC2": 0.7},
        "jetfire_johnson": {"n": 45, "MG": 1.1, "VG": 1.1, "FAC2": 1.0},
    },
}
ON = {"processor": "a machine", "threads": 2, "python": "3.11", "load_before": 0.1}


def test_what_stands_in_it(monkeypatch):
    monkeypatch.delenv(peers_page.HYRAM_PYTHON, raising=False)
    lines = peers_page.page(FOUND, ON, quick=True).splitlines()
    assert "| CyNetDiff | 12.3 | 23 |" in lines
    assert "| NDlib | not installed here | not installed here |" in lines
    assert "| HyRAM+ | not installed here | `python -m benchmarks.validation` |" in lines
    assert "| liquefied natural gas, arc maxima | slabx | 40 | 1.50 | 1.40 | 0.70 |" in lines
    assert sum("jet fires" in line and "not installed here" in line for line in lines) == 1
    assert any("pool 321" in line for line in lines)
    assert any("--page docs --quick" in line for line in lines)
