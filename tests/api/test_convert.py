"""``parkrisk convert`` and ``parkrisk template``: what is written, what is refused, what is said."""

import json
import shutil

import openpyxl
import pytest

from parkrisk.scenarios import read, read_project, writing
from tests.minimal_park import FOLDER, PROJECTS


def test_to_a_geopackage_and_back_with_a_summary(run, tmp_path):
    code, out, _ = run("convert", FOLDER, tmp_path / "park.gpkg", "--lang", "en")
    assert code == 0
    assert "the same content" in out
    assert "README.md, measures, projects, readings" in out
    code, out, _ = run("convert", tmp_path / "park.gpkg", tmp_path / "park", "--lang", "zh")
    assert code == 0
    assert "无损" in out
    assert "units.csv" in out
    assert read(tmp_path / "park").digest() == read(FOLDER).digest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["park", "park.gpkg"]


def test_json_names_tables_rows_and_places(run, tmp_path):
    code, out, _ = run("convert", FOLDER, tmp_path / "park.gpkg", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["digest"] == read(FOLDER).digest()
    assert {"table": "units", "rows": 5, "place": "units"} in found["tables"]
    assert found["left"] == ["README.md", "measures", "projects", "readings"]


def test_project(run, tmp_path):
    project = PROJECTS / "diesel-tank"
    assert run("convert", project, tmp_path / "p.gpkg")[0] == 0
    assert read_project(tmp_path / "p.gpkg").digest() == read_project(project).digest()


def test_nothing_is_written_over_unless_told(run, tmp_path):
    target = tmp_path / "park.gpkg"
    target.write_text("mine")
    code, _, err = run("convert", FOLDER, target)
    assert (code, target.read_text()) == (2, "mine")
    assert "--force" in err
    assert run("convert", FOLDER, target, "--force")[0] == 0
    assert read(target).digest() == read(FOLDER).digest()


def test_a_folder_written_over_keeps_what_is_no_part_of_the_park(run, tmp_path, broken):
    (broken / "units.csv").unlink()
    (broken / "lines.csv").write_text("line_id,point,x,y\n")
    assert run("convert", FOLDER, broken)[0] == 2
    assert not (broken / "units.csv").exists()
    assert run("convert", FOLDER, broken, "--force")[0] == 0
    assert not (broken / "lines.csv").exists()
    assert (broken / "README.md").exists()
    assert read(broken).digest() == read(FOLDER).digest()


def test_the_input_itself_is_never_written_over(run, broken):
    before = (broken / "units.csv").read_bytes()
    assert run("convert", broken, broken, "--force")[0] == 2
    assert (broken / "units.csv").read_bytes() == before


def test_an_input_with_errors_is_listed_and_not_carried_over(run, tmp_path, broken):
    units = broken / "units.csv"
    units.write_text(units.read_text("utf-8").replace("atmospheric_tank", "atmospheric_tanc"), encoding="utf-8")
    code, _, err = run("convert", broken, tmp_path / "park.gpkg", "--lang", "en")
    assert code == 2
    assert "atmospheric_tanc" in err
    assert not (tmp_path / "park.gpkg").exists()


def test_a_loss_on_the_way_is_found_and_nothing_left(run, tmp_path, monkeypatch):
    def careless(raw, path, lang):
        places = write(raw, path, lang)
        text = (path / "units.csv").read_text("utf-8-sig")
        (path / "units.csv").write_text(text.replace("500100", "500101"), encoding="utf-8")
        return places

    write = writing.write
    monkeypatch.setattr("parkrisk.scenarios.writing.convert.write", careless)
    code, _, err = run("convert", FOLDER, tmp_path / "park")
    assert code == 2
    assert "units" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("options", "sheet"), [([], "园区"), (["--project", "--lang", "en"], "Project")])
def test_template(run, tmp_path, options, sheet):
    file = tmp_path / "t.xlsx"
    assert run("template", file, "--lang", "zh", *options)[0] == 0
    assert sheet in openpyxl.load_workbook(file).sheetnames
    before = file.read_bytes()
    assert run("template", file)[0] == 2
    assert file.read_bytes() == before


def test_template_is_a_workbook(run, tmp_path):
    code, _, err = run("template", tmp_path / "t.csv")
    assert code == 2
    assert ".xlsx" in err


def test_folder_of_a_park_by_name_of_a_file_is_refused(run, tmp_path):
    shutil.copytree(FOLDER, tmp_path / "park.xlsx")
    assert run("convert", FOLDER, tmp_path / "park.xlsx", "--force")[0] == 2
    (tmp_path / "plain").write_text("mine")
    assert run("convert", FOLDER, tmp_path / "plain", "--force")[0] == 2
    assert (tmp_path / "plain").read_text() == "mine"


@pytest.mark.parametrize("name", ["layers.toml", "project.toml"])
def test_a_folder_whose_files_would_be_read_along_is_refused(run, tmp_path, name):
    (tmp_path / "park").mkdir()
    (tmp_path / "park" / name).write_text("")
    code, _, err = run("convert", FOLDER, tmp_path / "park", "--force")
    assert code == 2
    assert name in err
    assert [path.name for path in (tmp_path / "park").iterdir()] == [name]
