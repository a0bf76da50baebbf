"""Maps of a park that stands in several blocks: the whole, then each block."""

from parkrisk.api.report.content import Figure
from parkrisk.api.report.material import Material

__all__ = ["maps"]


def maps(material: Material, name: str, caption: str) -> tuple[Figure, ...]:
    """The map of this name and those of single blocks, as far as they were drawn."""
    start = f"{name}_block_"
    blocks = sorted(int(each.removeprefix(start)) for each in material.figures if each.startswith(start))
    shown = list(material.figure(name, caption))
    for number in blocks:
        shown += material.figure(
            f"{start}{number}", material.say(f"{caption}（片区 {number}）", f"{caption} (block {number})")
        )
    return tuple(shown)
