import json
import math
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios import park_from_json, problems, project_from_json, read, read_project
from parkrisk.scenarios.reading.sources import document as as_document
from tests.scenarios.sample import csv_text, document, unit, write


def codes(found: tuple[Problem, ...]) -> list[tuple[str, int | None, str, str]]:
    return [(p.table, p.row, p.column, p.code) for p in found]


def test_a_park_is_read_with_its_values_and_types() -> None:
    park = park_from_json(document())
    assert (park.name, park.crs, park.recognised, park.rulebook) == ("试验园区", "EPSG:4549", "yes", "cn-2026")
    assert park.date.isoformat() == "2026-05-01"
    assert park.warnings == ()
    units = park.tables["units"]
    assert units["unit_id"].tolist() == ["S1", "T1", "T2"]
    assert units["substance"].tolist() == ["74-98-6", "67-56-1", "67-56-1"]
    assert units["volume_m3"].dtype == np.float64
    assert math.isnan(units.loc[0, "height_m"])
    assert units["bund_id"].tolist() == ["", "", ""]
    assert park.info["air_pressure_kpa"] == 101.325
    assert park.boundary.area == pytest.approx(1e6)


def test_defaults_and_volumes_are_listed_as_assumptions() -> None:
    park = park_from_json(document())
    units = park.tables["units"].set_index("unit_id")
    assert units.loc["T1", "volume_m3"] == pytest.approx(math.pi / 4 * 20.0**2 * 12.0)
    assert units.loc["S1", "volume_m3"] == pytest.approx(math.pi / 6 * 12.3**3)
    assert units.loc["T1", "temperature_c"] == 20.0
    assert units.loc["T1", "fill_fraction"] == units.loc["T1", "max_fill_fraction"] == 0.9
    assert units.loc["T1", "hazard_unit_id"] == "T1"
    listed = park.assumptions.set_index(["table", "row", "column"])["value"]
    assert listed["units", "T1", "temperature_c"] == "20"
    assert float(listed["units", "S1", "volume_m3"]) == pytest.approx(974.3477)
    assert ("units", "T1", "mass_t") not in listed.index
    assert listed["park", "", "day_fraction"] == "0.5"
    assert set(park.assumptions["source"]) > {"volume of the sphere of diameter_m"}


def test_values_given_are_not_assumed() -> None:
    found = document()
    found["units"][0] |= {"temperature_c": 31.0, "bund_id": "D1", "volume_m3": 3700.0, "assumed": "volume_m3;bund_id"}
    park = park_from_json(found)
    rows = park.assumptions.query("table == 'units' and row == 'T1'").set_index("column")["source"]
    assert "temperature_c" not in rows
    assert rows["volume_m3"] == rows["bund_id"] == "declared as assumed in the input"
    assert park.tables["units"].set_index("unit_id").loc["T1", "hazard_unit_id"] == "D1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_folder_and_json_give_the_same_digest(tmp_path: Path, encoding: str) -> None:
    park = read(write(tmp_path / "park", document(), encoding))
    assert park.digest() == park_from_json(document()).digest()


def test_gbk_is_read_and_said(tmp_path: Path) -> None:
    park = read(write(tmp_path / "park", document(), "gbk"))
    assert park.name == "试验园区"
    # 学校 alone, in GBK, is valid UTF-8 by chance; the files beside it decide.
    assert park.tables["targets"]["name"].tolist() == ["学校"]
    assert {w.code for w in park.warnings} == {"encoding_gbk"}
    assert {w.table for w in park.warnings} == {"park", "enterprises", "units", "targets"}


def test_signs_of_latin_1_stay_utf_8(tmp_path: Path) -> None:
    folder = write(tmp_path / "park", document())
    rows = [{"station_id": "R1", "name": "5 m³ at 20 °C", "x": 500000.0, "y": 3300000.0}]
    (folder / "response.csv").write_text(csv_text(rows), encoding="utf-8")
    park = read(folder)
    assert park.tables["response"]["name"].tolist() == ["5 m³ at 20 °C"]
    assert park.warnings == ()


def test_a_file_in_no_encoding_and_a_workbook_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "park", document())
    (folder / "units.csv").write_bytes(b"unit_id,\xff\xff\xff\n")
    (folder / "targets.csv").write_bytes(b"PK\x03\x04rest")
    (folder / "weather.csv").write_text("wind_from;wind_speed;stability;frequency\n0;3;D;1\n", encoding="utf-8")
    found = codes(problems(folder))
    assert ("units", None, "", "encoding_unknown") in found
    assert ("targets", None, "", "workbook_as_csv") in found
    assert ("weather", None, "", "wrong_delimiter") in found


def test_numbers_written_differently_are_equal(tmp_path: Path) -> None:
    found = document()
    folder = write(tmp_path / "park", found)
    text = (folder / "units.csv").read_text(encoding="utf-8")
    assert "500400.0" in text
    text = text.replace("500400.0", "5.004E5").replace("12.0", "12").replace("20.0", "２０")
    (folder / "units.csv").write_text("# a remark\n" + text, encoding="utf-8")
    assert read(folder).digest() == park_from_json(found).digest()


def test_chinese_headings_and_choices_are_understood() -> None:
    found = document()
    for row in found["units"]:
        row["kind"] = {"atmospheric_tank": "常压储罐", "pressure_vessel": "球罐"}[row["kind"]]
    found["park"]["recognised"] = "是"
    assert park_from_json(found).digest() == park_from_json(document()).digest()


def test_chinese_column_headings(tmp_path: Path) -> None:
    folder = write(tmp_path / "park", document())
    text = (folder / "enterprises.csv").read_text(encoding="utf-8")
    text = text.replace("enterprise_id,name", "企业编号,企业名称")
    (folder / "enterprises.csv").write_text(text, encoding="utf-8")
    assert read(folder).digest() == park_from_json(document()).digest()


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_row_order_never_matters(data: st.DataObject) -> None:
    found = document()
    for name, rows in found.items():
        if name != "park":
            found[name] = data.draw(st.permutations(rows), label=name)
    park = park_from_json(found)
    assert park.digest() == park_from_json(document()).digest()
    assert park.tables["population"]["cell_id"].tolist() == ["c1", "cell@499000,3302000"]


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(["diameter_m", "height_m", "x", "fill_fraction"]),
    st.floats(0.1, 0.9),
)
def test_any_changed_number_changes_the_digest(column: str, share: float) -> None:
    found = document()
    before = found["units"][0].get(column, 0.9)
    found["units"][0][column] = before - 0.01 * share
    assert park_from_json(found).digest() != park_from_json(document()).digest()


def test_degrees_and_metres_of_one_place_agree() -> None:
    import pyproj

    found = document()
    back = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    found["park"] |= {"crs": "EPSG:4490", "planar_crs": "EPSG:4549", "boundary_crs": "EPSG:4549"}
    for name in ("units", "targets", "population"):
        for row in found[name]:
            row["x"], row["y"] = back.transform(row["x"], row["y"])
    park = park_from_json(found)
    assert park.crs == "EPSG:4549"
    flat = park_from_json(document())
    for name in ("units", "targets"):
        for axis in ("x", "y"):
            assert park.tables[name][axis].to_numpy() == pytest.approx(flat.tables[name][axis].to_numpy(), abs=2e-6)


def test_a_boundary_file_may_name_its_own_crs(tmp_path: Path) -> None:
    import pyproj

    found = document()
    back = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    ring = found["park"]["boundary"]["coordinates"][0]
    feature = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
        "features": [
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "Polygon", "coordinates": [[back.transform(*xy) for xy in ring]]},
            }
        ],
    }
    found["park"]["boundary"] = feature
    park = read(write(tmp_path / "park", found))
    assert park.boundary.symmetric_difference(park_from_json(document()).boundary).area < 0.01


def test_a_park_cannot_be_changed_from_outside() -> None:
    park = park_from_json(document())
    before = park.digest()
    units = park.tables["units"]
    units.loc[0, "x"] = 0.0
    units["diameter_m"] = 1.0
    with pytest.warns(pd.errors.ChainedAssignmentError):
        park.tables["units"]["x"] = 5.0
    assumptions = park.assumptions
    assumptions.loc[0, "value"] = "other"
    park.info["terrain"] = "urban"
    with pytest.raises(ValueError, match="read-only"):
        park.tables["units"]["x"].to_numpy()[0] = 1.0
    with pytest.raises(TypeError):
        park.tables["units2"] = units  # type: ignore[index]
    with pytest.raises(AttributeError):
        park.name = "other"  # type: ignore[misc]
    fresh = pickle.loads(pickle.dumps(park))
    assert fresh.tables["units"]["x"].tolist() == [500700.0, 500400.0, 500500.0]
    assert fresh.info["terrain"] == "rural"
    del fresh.__dict__["_digest"]
    assert fresh.digest() == park.digest() == before


def test_a_folder_goes_to_json_and_back(tmp_path: Path) -> None:
    folder = write(tmp_path / "park", document())
    found = json.loads(json.dumps(as_document(folder), allow_nan=False))
    assert park_from_json(found).digest() == read(folder).digest()


def test_a_project_is_read(tmp_path: Path) -> None:
    found: dict[str, Any] = {
        "project": {"name": "新罐", "category": "新建", "nature": "chemical", "removes": ["T1"]},
        "units": [unit("N1", enterprise_id="E1")],
        "indicators": [{"name": "investment", "value": 3.5, "unit": "1e8 CNY"}],
    }
    project = project_from_json(found)
    assert (project.category, project.nature, project.removes, project.crs) == ("new", "chemical", ("T1",), "")
    assert math.isnan(project.tables["units"].loc[0, "temperature_c"])  # waits for the park's air temperature
    found["project"]["removes"] = "T1"
    assert read_project(write(tmp_path / "project", found)).digest() == project.digest()
    assert problems(tmp_path / "project") == ()


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["park", "units", "unit_id", "x", "crs", "boundary", "type", "weather", "frequency", "??"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_value_breaks_the_reader(value: object) -> None:
    found = document()
    found["park"] = value if isinstance(value, dict) else {**found["park"], "boundary": value}
    found["units"] = value
    listed = problems(found)
    assert listed
    json.dumps([p.found for p in listed], allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    write(folder, document())
    (folder / "units.csv").write_bytes(content)
    (folder / "park.toml").write_bytes(content)
    (folder / "boundary.geojson").write_bytes(content)
    assert any(p.severity == "error" for p in problems(folder))


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputProblems) as caught:
        read(tmp_path / "nowhere")
    assert [p.code for p in caught.value.problems] == ["unreadable"]
    (tmp_path / "park.txt").write_bytes(b"PK\x03\x04")
    assert "folder is expected" in problems(tmp_path / "park.txt")[0].message_en


def test_importing_the_package_is_light() -> None:
    code = "import sys, parkrisk.scenarios; print(sorted({'pandas', 'pyproj', 'shapely', 'numba'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_boundary_nested_without_end_and_one_left_open_are_named() -> None:
    shape: dict[str, Any] = {"type": "Point", "coordinates": [0, 0]}
    for _ in range(5000):
        shape = {"type": "GeometryCollection", "geometries": [shape]}
    opened = {"type": "Polygon", "coordinates": [[[500000, 3320000], [501000, 3320000], [501000, 3321000]]]}
    for boundary in (shape, opened):
        park = document()
        park["park"]["boundary"] = boundary
        assert "boundary_unreadable" in {fault.code for fault in problems(park)}


def test_a_file_of_countless_columns_is_refused_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, document())
    (folder / "units.csv").write_text(",".join(f"c{n}" for n in range(100_000)) + "\n")
    assert [fault.code for fault in problems(folder) if fault.table == "units"] == ["unreadable"]
