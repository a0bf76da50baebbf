"""One small portfolio, assessed once in this process."""

import pytest

from parkrisk.risk.portfolio.portfolio import portfolio
from tests.minimal_park import COARSE
from tests.risk.portfolio.parks import make_park


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Four parks, two of one name, one of them in a group, and a bad one in the middle."""
    found = tmp_path_factory.mktemp("province")
    make_park(found / "a", "甲园", 0.6)
    make_park(found / "b-bad", "乙园", bad=True)
    make_park(found / "city" / "c", "甲园", 0.7)
    make_park(found / "d", "丁园", 0.8)
    (found / "notes").mkdir()
    (found / ".hidden").mkdir()
    return found


@pytest.fixture(scope="session")
def output(tmp_path_factory):
    return tmp_path_factory.mktemp("output")


@pytest.fixture(scope="session")
def found(folder, output):
    return portfolio(folder, output, settings=COARSE)
