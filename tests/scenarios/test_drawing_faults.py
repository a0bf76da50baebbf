"""Each fault of a drawing has its message, and what is left out of it is said."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parkrisk.scenarios import problems
from tests.scenarios.drawn import DXF_LAYER, drawing, errors, only, park


def _off(document: Any) -> None:
    document.layers.get("储罐").off()


def _more(document: Any) -> None:
    document.layers.add("旧").freeze()
    document.modelspace().add_circle((0, 0), 1, dxfattribs={"layer": "旧"})
    document.modelspace().add_hatch(dxfattribs={"layer": "储罐"})


def _crowded(document: Any) -> None:
    space = document.modelspace()
    space.add_circle((500100, 4500100), 8, dxfattribs={"layer": "罐"})
    for text in ("T-101", "甲醇"):
        space.add_text(text, dxfattribs={"insert": (500099, 4500100), "layer": text})


TEXT = DXF_LAYER.replace("储罐", "罐").replace('"编号"', '"text"')


@pytest.mark.parametrize(
    ("unit", "edit", "mapping", "code", "said"),
    [
        (4, lambda document: None, DXF_LAYER, "map_scale_missing", "0.001 if it is drawn in millimetres"),
        (0, lambda document: None, DXF_LAYER, "map_scale_missing", "'-'"),
        (6, lambda document: None, DXF_LAYER.replace('crs = "EPSG:4546"', ""), "map_crs_missing", "EPSG:4549"),
        (6, _off, DXF_LAYER, "map_layer_off", "off or frozen"),
        (6, _crowded, TEXT, "map_texts_several", "T-101, 甲醇"),
    ],
)
def test_faults_of_drawings(
    tmp_path: Path, unit: int, edit: Callable[[Any], None], mapping: str, code: str, said: str
) -> None:
    folder = park(tmp_path / "park", mapping, without=())
    drawing(folder / "plan.dxf", unit=unit, edit=edit)
    assert said in only(folder, code).message_en


def test_what_a_drawing_holds_and_is_not_read_is_said(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER.replace('layer = "储罐"', 'layer = "*"'), without=())
    drawing(folder / "plan.dxf", edit=_more)
    found = {p.code: (p.severity, p.found) for p in problems(folder)}
    assert found["map_layer_hidden"] == ("warning", "旧")
    assert found["map_skipped"] == ("warning", "HATCH")


def _walls(document: Any) -> None:
    """Points where `_of_another_program` puts objects that only another program knows."""
    document.layers.add("旧").freeze()
    for layer in ("储罐", "储罐墙", "旧"):
        document.modelspace().add_point((500100, 4500100), dxfattribs={"layer": layer})


def _of_another_program(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for layer in ("储罐", "储罐墙", "旧"):
        point = re.compile(
            rf"  0\nPOINT\n((?:(?!  0\n)[^\n]*\n[^\n]*\n)*?  8\n{layer}\n)(?:(?!  0\n)[^\n]*\n[^\n]*\n)*"
        )
        text, count = point.subn(r"  0\nTCH_WALL\n\g<1>100\nTDbWall\n 70\n1\n", text)
        assert count
    path.write_text(text, encoding="utf-8")


def test_objects_of_another_program_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER.replace('layer = "储罐"', 'layer = "储罐*"'), without=())
    drawing(folder / "plan.dxf", edit=_walls)
    _of_another_program(folder / "plan.dxf")
    found = problems(folder)
    assert not [p.code for p in found if p.severity == "error"]
    (skipped,) = (p for p in found if p.code == "map_skipped")
    assert (skipped.severity, skipped.found) == ("warning", "TCH_WALL")
    assert "2 entities" in skipped.message_en  # on a layer with tanks and on one without


@pytest.mark.parametrize(("within", "named"), [("1", False), ("12", True)])
def test_a_text_beside_a_tank_counts_as_far_as_is_said(tmp_path: Path, within: str, named: bool) -> None:
    def edit(document: Any) -> None:
        document.modelspace().add_circle((500100, 4500100), 8, dxfattribs={"layer": "罐"})
        document.modelspace().add_mtext("T-101", dxfattribs={"insert": (500118, 4500100)})

    folder = park(tmp_path / "park", TEXT + f"text_within = {within}\n", without=())
    drawing(folder / "plan.dxf", {}, edit=edit)
    assert ("map_key_missing" in {p.code for p in errors(folder)}) is not named


def test_a_drawing_without_its_end_is_read_and_said_so(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER)
    text = drawing(folder / "plan.dxf").read_text(encoding="utf-8")
    (folder / "plan.dxf").write_text(text[: text.index("OBJECTS")].rsplit("SECTION", 1)[0], encoding="utf-8")
    found = problems(folder)
    assert [p.code for p in found if p.severity == "error"] == []
    assert "map_repaired" in {p.code for p in found}


def test_a_damaged_coordinate_is_not_mended_by_guessing(tmp_path: Path) -> None:
    folder = park(tmp_path / "park", DXF_LAYER)
    text = drawing(folder / "plan.dxf").read_text(encoding="utf-8")
    (folder / "plan.dxf").write_text(text.replace("500100.0", "5001oo.0"), encoding="utf-8")
    assert "5001oo.0" in only(folder, "map_damaged").message_en


def test_a_drawing_of_blocks_in_blocks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkrisk.scenarios.reading.maps.drawing.MOST_FEATURES", 2000)

    def edit(document: Any) -> None:
        document.blocks.new("b0").add_circle((0, 0), 1)
        for depth in range(1, 12):
            block = document.blocks.new(f"b{depth}")
            for _ in range(10):
                block.add_blockref(f"b{depth - 1}", (0, 0))
        document.modelspace().add_blockref("b11", (0, 0))

    folder = park(tmp_path / "park", DXF_LAYER)
    drawing(folder / "plan.dxf", edit=edit)
    assert only(folder, "map_too_large").found == "> 2000"
