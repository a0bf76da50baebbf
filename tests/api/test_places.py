"""`parkrisk risk-at`: what the Python face gives, in JSON and in words."""

import pytest

from parkrisk.risk.mapping.loads import Presence
from parkrisk.risk.places import risk_at
from tests import minimal_park
from tests.api.printed import document, flat
from tests.minimal_park import FOLDER

PLACE = (500_300.0, 4_500_100.0)


def test_json_is_what_python_gives(run):
    presence = ("--outdoors", "0.2", "0.1", "--indoors", "0.3", "0.9")
    code, out, err = run("risk-at", FOLDER, "--at", *map(str, PLACE), *presence, "--json")
    assert (code, err) == (0, "")
    want = risk_at(minimal_park.assessment(), [PLACE], presence=Presence((0.2, 0.1), (0.3, 0.9)))
    assert document(out) == want.to_dict()


@pytest.mark.parametrize(("lang", "title"), [("zh", "个人风险"), ("en", "individualrisk(alwaysthere")])
def test_in_words(run, lang, title):
    code, out, _ = run("risk-at", FOLDER, "--at", *map(str, PLACE), "--lang", lang)
    assert code == 0
    assert title in flat(out)
    assert "V-201" in out


def test_impossible_presence(run):
    code, out, err = run("risk-at", FOLDER, "--at", *map(str, PLACE), "--outdoors", "0.9", "0", "--indoors", "0.2", "0")
    assert (code, out) == (2, "")
    assert "presence" in err
    assert "在场" in err
