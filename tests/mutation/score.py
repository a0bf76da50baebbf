"""The score of a mutation run by package, with its interval, and the mutants that live."""

import difflib
import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from tests.mutation.sites import Site
from tests.mutation.trial import KILLED, NOT_COVERED, SURVIVED, TIMED_OUT

_Z = 1.959964  # of a 95 % interval


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, as of a sample from very many."""
    if not whole:
        return 0.0, 1.0
    share, square = part / whole, _Z * _Z / whole
    middle = (share + square / 2.0) / (1.0 + square)
    half = _Z * math.sqrt(share * (1.0 - share) / whole + square / (4.0 * whole)) / (1.0 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def printed(results: Path, root: Path) -> str:
    """Tables in Markdown: outcomes by package, then every mutant that lives."""
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    by_part: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        by_part[row["stratum"]][row["outcome"]] += 1
        by_part[f"**{row['stratum'].split('/')[0]}, all**"][row["outcome"]] += 1
        by_part["**both**"][row["outcome"]] += 1
    lines = [
        "| part | mutants | killed | timed out | survived | not covered | score |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in sorted(by_part, key=lambda each: (each.strip("*"), each)):
        count = by_part[name]
        total, dead = count.total(), count[KILLED] + count[TIMED_OUT]
        low, high = interval(dead, total)
        shown = [count[each] for each in (KILLED, TIMED_OUT, SURVIVED, NOT_COVERED)]
        score = f"{dead / total:.0%} ({low:.0%} to {high:.0%})"
        lines.append(f"| {name} | {total} | " + " | ".join(map(str, shown)) + f" | {score} |")
    living = [row for row in rows if row["outcome"] in (SURVIVED, NOT_COVERED)]
    lines += ["", "| outcome | place | change |", "|---|---|---|"]
    living.sort(key=lambda row: (row["outcome"], row["file"], row["line"]))
    lines += [f"| {row['outcome']} | `{row['file']}:{row['line']}` | `{_change(row, root)}` |" for row in living]
    return "\n".join(lines)


def _change(row: dict[str, Any], root: Path) -> str:
    site = Site(**{name: row[name] for name in Site.__dataclass_fields__})
    before = (root / site.file).read_text(encoding="utf-8")
    found = difflib.unified_diff(before.splitlines(), site.mutated(before).splitlines(), n=0, lineterm="")
    changed = [line[1:].strip() for line in found if line[0] in "+-" and line[:3] not in ("+++", "---")]
    return " ⟶ ".join(changed).replace("|", "\\|")
