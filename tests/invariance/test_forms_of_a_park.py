"""One park as folder, workbook, GeoPackage or JSON, however its files are written: one digest of input and result."""

import csv
import json
import random

import pytest

from parkrisk.risk.assess import assess
from parkrisk.scenarios import park_from_json, read
from parkrisk.scenarios.reading.sources import read_source
from parkrisk.scenarios.writing import write
from tests.api.service.hostile_files import zipped
from tests.api.service.near import NearEngines, service
from tests.api.service.routed import Routed
from tests.invariance import whole_park
from tests.minimal_park import COARSE


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """Every form of the park, written once."""
    base = tmp_path_factory.mktemp("forms")
    raw = read_source(whole_park.document(), "park")
    places = {"folder": base / "park", "workbook": base / "park.xlsx", "geopackage": base / "park.gpkg"}
    for place in places.values():
        write(raw, place)
    return places


@pytest.mark.parametrize("form", ["folder", "workbook", "geopackage"])
def test_every_form_is_the_same_park(forms, form):
    park = read(forms[form])
    assert park.digest() == whole_park.park().digest()
    result = assess(park, settings=COARSE)
    assert result.provenance["result_digest"] == whole_park.coarse().provenance["result_digest"]


def test_json_with_its_rows_and_names_in_another_order():
    shuffle = random.Random(1)
    document = {
        name: [dict(shuffle.sample(list(row.items()), len(row))) for row in shuffle.sample(table, len(table))]
        if isinstance(table, list)
        else table
        for name, table in shuffle.sample(list(whole_park.document().items()), len(whole_park.document()))
    }
    park = park_from_json(json.loads(json.dumps(document)))
    assert park.digest() == whole_park.park().digest()
    assert assess(park, settings=COARSE).provenance["result_digest"] == digest()


def digest():
    return whole_park.coarse().provenance["result_digest"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_csv_files_in_any_encoding_with_any_line_ends_and_order(forms, tmp_path, encoding, end):
    shuffle = random.Random(f"{encoding} {end}")
    (tmp_path / "park.toml").write_bytes((forms["folder"] / "park.toml").read_bytes())
    for file in forms["folder"].iterdir():
        if file.suffix == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as lines:
                header, *rows = csv.reader(lines)
            columns = shuffle.sample(range(len(header)), len(header))
            with (tmp_path / file.name).open("w", encoding=encoding, newline="") as out:
                table = [header, *shuffle.sample(rows, len(rows))]
                csv.writer(out, lineterminator=end).writerows([row[at] for at in columns] for row in table)
        elif file.suffix != ".toml":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert read(tmp_path).digest() == whole_park.park().digest()


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Asks a service that keeps parks."""
    found = Routed(tmp_path_factory.mktemp("store"))
    yield found.client
    found.store.close()


@pytest.mark.parametrize("form", ["folder", "workbook", "geopackage", "document"])
def test_over_http(client, forms, form):
    """As a document in the request, or as a file in a form."""
    if form == "document":
        answer = client.post("/v1/parks", json=whole_park.document())
    else:
        file = forms[form]
        folder = {each.name: each.read_bytes() for each in file.iterdir()} if file.is_dir() else {}
        answer = client.post("/v1/parks", files={"file": (file.name, zipped(folder) if folder else file.read_bytes())})
    assert answer.status_code == 201
    assert answer.json()["digest"] == whole_park.park().digest()


@pytest.mark.slow
def test_an_assessment_over_http(tmp_path):
    with service(tmp_path, NearEngines()) as call:
        answer = call("POST", "/v1/assessments", json={"park": whole_park.document()})
    assert answer.status_code == 200
    found, here = answer.json()["provenance"], assess(whole_park.park()).provenance
    assert (found["input_digest"], found["result_digest"]) == (here["input_digest"], here["result_digest"])
