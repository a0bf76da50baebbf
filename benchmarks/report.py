"""What every benchmark prints: its name, its figures and the machine, as one JSON object or as lines."""

import argparse
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from typing import Any

import numba


def options(description: str) -> argparse.ArgumentParser:
    """Give a parser with the options that all benchmarks share: ``--quick`` and ``--json``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a smaller case that ends within 45 s")
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    return parser


def machine() -> dict[str, Any]:
    """Tell what the figures were measured on."""
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "numba", "scipy")}
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "threads": numba.get_num_threads(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        **versions,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - a device, not a file of ours
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def show(name: str, figures: Mapping[str, Any], *, as_json: bool, on: Mapping[str, Any]) -> None:
    """Print figures on standard output."""
    if as_json:
        print(json.dumps({"name": name, "figures": dict(figures), "machine": dict(on)}, ensure_ascii=False))
        return
    print(f"{name}  ({on['processor']}, {on['threads']} threads)")
    for key, value in figures.items():
        print(f"  {key:<36} {value:.4g}" if isinstance(value, float) else f"  {key:<36} {value}")
