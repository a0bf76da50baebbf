"""Tables of docs/service.md are those of the program; ``python -m tests.api.service.test_documented`` writes them."""

import re
from pathlib import Path

import pytest

from parkrisk.api.service.identity.roles import MATRIX, Permission, Role
from parkrisk.api.service.settings import Settings, described
from parkrisk.api.service.webhooks import DELAYS, Event

PAGE = Path(__file__).resolve().parents[3] / "docs" / "service.md"


def settings_table():
    lines = [f"| `{each.name}` | {f'`{each.default}`' if each.default else ''} | {each.en} |" for each in described()]
    return ["| setting | default | meaning |", "|---|---|---|", *lines]


def roles_table():
    head = f"| role | {' | '.join(Permission)} |"
    lines = [
        f"| {role} | {' | '.join('yes' if permission in MATRIX[role] else '' for permission in Permission)} |"
        for role in Role
    ]
    return [head, "|---" * (len(Permission) + 1) + "|", *lines]


TABLES = {"settings": settings_table, "roles": roles_table}


def placed(page, name, lines):
    """The page with a table put in its place."""
    pattern = rf"(<!-- {name}:.*?-->\n).*?(<!-- end -->)"
    found, count = re.subn(pattern, lambda found: found[1] + "\n".join(lines) + "\n" + found[2], page, flags=re.S)
    assert count == 1
    return found


@pytest.mark.parametrize("name", TABLES)
def test_tables(name):
    page = PAGE.read_text(encoding="utf-8")
    assert page == placed(page, name, TABLES[name]())


def test_every_setting_named_in_the_text_exists():
    known = {f"PARKRISK_{name.upper()}" for name in Settings.model_fields} | {"PARKRISK_CACHE_DIR"}
    assert set(re.findall(r"PARKRISK_[A-Z_]*[A-Z]", PAGE.read_text(encoding="utf-8"))) <= known


def test_events_and_waits():
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"`{event}`" in page for event in Event)
    assert [round(delay) for delay in DELAYS] == [5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))]
    assert "after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h" in page


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for table, rows in TABLES.items():
        text = placed(text, table, rows())
    PAGE.write_text(text, encoding="utf-8")
