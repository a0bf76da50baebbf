"""Bills of materials: the same lock gives the same bytes, everything that is locked is in it, with hashes."""

import json

import pytest

from requirements.licences import Policy
from requirements.locked import HERE
from requirements.sbom import bills, faults


@pytest.fixture(scope="module")
def both():
    return bills(Policy.read())


def test_nothing_of_the_moment(both):
    assert json.dumps(both) == json.dumps(bills(Policy.read()))
    for each in both.values():
        assert "serialNumber" not in each
        assert "timestamp" not in each["metadata"]


def test_everything_is_in_it(both):
    found = both["parkrisk.cdx.json"]["components"]
    pinned = {
        tuple(line.split()[0].split("=="))
        for name in ("base", "server")
        for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        if line[:1] not in ("#", " ")
    }
    assert {(each["name"], each["version"]) for each in found} == pinned
    assert all(each["licenses"] and each["externalReferences"][0]["hashes"] for each in found)


@pytest.mark.parametrize("name", ["parkrisk.cdx.json", "parkrisk-web.cdx.json"])
def test_the_graph_reaches_everything(both, name):
    bill = both[name]
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    reached, waiting = set(), [bill["metadata"]["component"]["bom-ref"]]
    while waiting:
        if (one := waiting.pop()) not in reached:
            reached.add(one)
            waiting += needs[one]
    assert reached == set(needs)


def test_known_edges(both):
    needs = {each["ref"]: each["dependsOn"] for each in both["parkrisk.cdx.json"]["dependencies"]}
    names = {ref: {of.split("/")[1].split("@")[0] for of in those} for ref, those in needs.items()}
    (numba,) = (ref for ref in names if ref.startswith("pkg:pypi/numba@"))
    assert names[numba] == {"llvmlite", "numpy"}
    assert {"numba", "fastapi"} <= names["parkrisk"]
    assert "llvmlite" not in names["parkrisk"]


@pytest.mark.slow
def test_schema_of_cyclonedx(both):
    pytest.importorskip("cyclonedx", reason="the schema comes with `make supply`")
    for each in both.values():
        assert faults(json.dumps(each)) == []
    broken = {**both["parkrisk.cdx.json"], "components": [{"name": "no type"}]}
    assert faults(json.dumps(broken))
