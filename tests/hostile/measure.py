"""``python -m tests.hostile.measure [FAMILY …]``: every case, what became of it, its time and memory."""

import sys

from tests.hostile.corpus import FAMILIES
from tests.hostile.runner import fault, outcomes


def main() -> None:
    """Print faults as they come, then the numbers by family and the largest of all."""
    figures: list[tuple[float, float, str]] = []
    faulty = 0
    for family in sys.argv[1:] or FAMILIES:
        for case, found in outcomes(FAMILIES[family]):
            wrong = fault(case, found)
            faulty += bool(wrong)
            figures.append((found.get("seconds", 0.0), found.get("bytes", 0) / 2**20, case.name))
            if wrong:
                print(f"{family} | {case.name} | {wrong}", flush=True)
        print(f"{family}: {len(FAMILIES[family])} cases", flush=True)
    seconds, most = max(figures), max(figures, key=lambda each: each[1])
    print(f"{len(figures)} cases, {faulty} faulty")
    print(f"longest: {seconds[0]:.2f} s of a processor, {seconds[2]!r}")
    print(f"most memory: {most[1]:.0f} MiB above the start, {most[2]!r}")


if __name__ == "__main__":
    main()
