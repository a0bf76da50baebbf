"""Pictures of a report: their size on the page."""

import struct
from pathlib import Path

__all__ = ["TEXT_WIDTH", "size_on_page"]

#: Width of the text of a page, and the most that a picture may take of its height: a page holds two. [mm]
TEXT_WIDTH, _TALLEST = 162.0, 104.0


def size_on_page(png: Path, share: float) -> tuple[float, float]:
    """Width and height of a picture that takes this share of the text width and fits the page. [mm]"""
    across, down = struct.unpack(">II", png.read_bytes()[16:24])
    width = TEXT_WIDTH * min(share, 1.0)
    shrink = min(1.0, _TALLEST * across / (width * down))
    return width * shrink, width * shrink * down / across
