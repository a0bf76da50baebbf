"""Known vulnerabilities: what was not answered for is never clean."""

import json

from requirements.audit import Audited, of_npm_audit, of_pip_audit

CLEAN = {"name": "a", "version": "1.0", "vulns": []}
HOLE = {"name": "b", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (3.0)"}


def pip(*dependencies):
    return of_pip_audit("lock", json.dumps({"dependencies": list(dependencies), "fixes": []}), "")


def test_known():
    found = pip(CLEAN, HOLE)
    assert (found.checked, len(found.known), found.not_checked) == (2, 1, ())
    assert "b 2.0: PYSEC-1, mended in 2.1" in found.told()


def test_what_was_skipped_is_said():
    """Where the registry answers 404, pip-audit itself says "No known vulnerabilities found"."""
    found = pip(CLEAN, SKIPPED)
    assert found.checked == 1
    assert "NOT CHECKED: Dependency not found" in found.told()
    assert pip(SKIPPED).told().startswith("lock: NOT CHECKED")


def test_no_answer():
    assert pip() == Audited("lock", 0, (), ())
    assert "NOT CHECKED" in pip().told()
    assert of_pip_audit("lock", "", "Traceback\nConnectionError: none\n").not_checked == ("ConnectionError: none",)
    refused = json.dumps({"message": "405 Method Not Allowed", "method": "POST"})
    for text in ("", "[]", "null", refused):
        found = of_npm_audit("page", text, "npm error audit endpoint returned an error")
        assert (found.checked, found.known) == (0, ())
        assert "NOT CHECKED" in found.told()
    assert of_npm_audit("page", refused, "").not_checked == ("405 Method Not Allowed",)


def test_npm():
    said = {
        "vulnerabilities": {"d": {"severity": "high", "range": "<4"}},
        "metadata": {"dependencies": {"total": 7}},
    }
    found = of_npm_audit("page", json.dumps(said), "")
    assert (found.checked, found.known) == (7, ("  d: high (<4)",))
