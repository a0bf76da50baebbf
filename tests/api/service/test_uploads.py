"""What is refused of the files that callers send, and what is let through unchanged."""

import io
import os
import random
import subprocess
import sys
import zipfile

import pytest

from parkrisk.api.service import uploads
from parkrisk.models.errors import InputProblems
from parkrisk.scenarios.reading.sources import document, read_source
from parkrisk.scenarios.writing import write
from tests.api.service.hostile_files import GOOD, HOSTILE, LIARS, zipped
from tests.minimal_park import FOLDER


def _refused(name, content, **more):
    with pytest.raises(InputProblems) as caught:
        uploads.accepted(name, content, "park", **more)
    (fault,) = caught.value.problems
    return fault


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_before_anything_is_inflated(what, monkeypatch):
    name, make, code = HOSTILE[what]
    content = make()
    monkeypatch.setattr(uploads.guard, "member", None)
    fault = _refused(name, content)
    assert fault.code == code
    assert fault.severity == "error"
    assert any("一" <= letter <= "鿿" for letter in fault.message_zh)
    assert fault.message_en not in ("", fault.message_zh)


@pytest.mark.parametrize("what", LIARS)
def test_members_that_lie_are_refused_while_inflating(what, tmp_path):
    name, make, code = LIARS[what]
    upload = uploads.accepted(name, make(), "park")
    with pytest.raises(InputProblems) as caught:
        uploads.unpacked(upload, "park", tmp_path)
    assert [fault.code for fault in caught.value.problems] == [code]


def test_a_declared_length_that_did_not_arrive_is_refused():
    content = zipped()
    assert _refused("park.zip", content[:-1], declared=len(content)).code == "upload_size"
    assert uploads.accepted("park.zip", content, "park", declared=len(content)).form == "folder"


@pytest.mark.parametrize(
    ("suffix", "form", "name"),
    [("xlsx", "workbook", "park.zip"), ("gpkg", "geopackage", "园区.xlsx"), ("zip", "folder", "park")],
)
def test_the_form_comes_from_the_content_and_nothing_is_lost(suffix, form, name, tmp_path):
    file = tmp_path / f"park.{suffix}"
    if form == "folder":
        file.write_bytes(zipped())
        expected = document(FOLDER)
    else:
        write(read_source(FOLDER, "park"), file)
        expected = document(file)
    content = file.read_bytes()
    upload = uploads.accepted(name, content, "park")
    assert upload.form == form
    target = tmp_path / "unpacked"
    target.mkdir()
    assert document(uploads.unpacked(upload, "park", target)) == expected


@pytest.mark.parametrize("top", ["", "park/", "示范园区/"])
def test_a_folder_may_be_packed_with_or_without_its_name(top, tmp_path):
    members = {f"{top}{name}": content for name, content in GOOD.items()}
    extra = {f"{top}README.pdf": b"%PDF", "__MACOSX/._park.toml": b"\0", f"{top}.DS_Store": b"\0"}
    upload = uploads.accepted("park.zip", zipped({**members, **extra}), "park")
    found = uploads.unpacked(upload, "park", tmp_path)
    assert sorted(path.name for path in found.rglob("*")) == sorted(GOOD)
    assert document(found) == document(FOLDER)


def test_names_of_chinese_windows_are_understood(tmp_path):
    name = "设备图.geojson"
    placeholder = "x" * len(name.encode("gb18030"))
    content = zipped({**GOOD, placeholder: b"{}"}).replace(placeholder.encode(), name.encode("gb18030"))
    found = uploads.unpacked(uploads.accepted("park.zip", content, "park"), "park", tmp_path)
    assert (found / name).read_bytes() == b"{}"


def test_a_project_needs_the_section_of_a_project():
    fault_of_park = _refused("project.zip", zipped({"project.toml": b""}))
    assert (fault_of_park.code, "park.toml" in fault_of_park.message_en) == ("upload_no_folder", True)
    assert uploads.accepted("project.zip", zipped({"project.toml": b""}), "project").form == "folder"


def test_checking_an_upload_loads_no_reader():
    """Pandas and GDAL stay out of the process that only checks."""
    code = (
        "import sys; import parkrisk.api.service.uploads; "
        "print([m for m in ('pandas', 'pyogrio', 'numba') if m in sys.modules])"
    )
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=path)
    assert done.stdout.strip() == "[]"


def test_bytes_changed_at_random_never_raise_anything_else(tmp_path):
    chance = random.Random(1)
    good = zipped()
    for trial in range(300):
        spoilt = bytearray(good)
        for _ in range(chance.randint(1, 12)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        target = tmp_path / str(trial)
        target.mkdir()
        try:
            uploads.unpacked(uploads.accepted("park.zip", bytes(spoilt), "park"), "park", target)
        except InputProblems:
            continue
        with zipfile.ZipFile(io.BytesIO(bytes(spoilt))) as archive:
            assert len(list(target.rglob("*"))) <= len(archive.namelist())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(map(str, range(300)))
