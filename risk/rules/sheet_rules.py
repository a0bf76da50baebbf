"""From the rows of a spreadsheet to the document of a rulebook file: for rules that test one thing."""

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from parkrisk.risk.rules.checker import Checker
from parkrisk.risk.rules.conditions import quantities
from parkrisk.risk.rules.sheet_cells import number_of, parts, plain, word
from parkrisk.risk.rules.spreadsheet import Record


def rulebook(path: Path, records: Sequence[Record], checker: Checker) -> dict[str, Any]:
    """Rows of rules as the document of a rulebook file."""
    declared: dict[str, list[dict[str, Any]]] = {"evidence": [], "indicator": []}
    rules = []
    for record in records:
        checker.file, checker.row = record.table, record.row
        cells = dict(record.cells)
        side = cells.pop("given_by", "")
        for table, key in (("evidence", "item"), ("indicator", "name")):
            if side and table in cells and cells[table] not in (own[key] for own in declared[table]):
                own = {key: cells[table], "given_by": side}
                own |= {f"label_{lang}": cells.get(f"title_{lang}", "") for lang in ("zh", "en")}
                own |= {"unit": cells.get("unit", "1")} if table == "indicator" else {}
                declared[table].append(own)
        test = {
            name: cells.pop(name)
            for name in ("quantity", "indicator", "evidence", "comparison", "limit", "unit", "max_age_years")
            if name in cells
        }
        if "limit" in test:
            test["limit"] = _limit(test.get("quantity", ""), test.get("comparison", ""), test["limit"])
        if "applies_when" in cells:
            cells["applies_when"] = _conditions(checker, cells["applies_when"])
        rules.append({**cells, "test": test})
    starts = [record.cells["in_force_from"] for record in records if "in_force_from" in record.cells]
    head = {
        "id": path.stem,
        "instrument_zh": path.stem,
        "instrument_en": path.stem,
        "edition": "own",
        "in_force_from": min(starts, default=dt.date.min),
        "source": path.name,
        "mark": "V",
    }
    return {"rulebook": head, "rule": rules, **{table: rows for table, rows in declared.items() if rows}}


def _limit(quantity: str, comparison: str, cell: Any) -> Any:
    """Limit as the quantity holds it; a cell that does not fit stays as it is and is named later."""
    if comparison in ("in", "not_in"):
        return [_limit(quantity, "", part) for part in parts(plain(cell))]
    kind = quantities()[quantity].type if quantity in quantities() else "number"
    if kind == "number":
        number = number_of(cell)
        return cell if number is None else number
    if kind == "boolean":
        return {"yes": True, "no": False}.get(word("yes_no", plain(cell).casefold()), cell)
    return plain(cell)


def _conditions(checker: Checker, text: str) -> list[dict[str, Any]]:
    """Read "project.category in new|altered; evidence permit; rule own-1 pass"."""
    tests = []
    for part in filter(None, (each.strip() for each in re.split("[;；]", text))):
        kind, *words = part.split()
        if kind not in ("evidence", "indicator", "rule"):
            kind, words = "quantity", [kind, *words]
        if kind == "evidence" and len(words) == 1:
            tests.append({"evidence": words[0]})
        elif kind == "rule" and len(words) == 2:
            tests.append({"rule": words[0], "status": parts(words[1])})
        elif kind in ("quantity", "indicator") and len(words) > 2:
            name, comparison, limit, *unit = words
            comparison = word("comparison", comparison)
            value = _limit(name if kind == "quantity" else "", comparison, limit)
            tests.append({kind: name, "comparison": comparison, "limit": value, "unit": " ".join(unit)})
        else:
            checker.add(
                "", "applies_when", part, "应如：量 比较 界限 单位", "should be: quantity comparison limit unit"
            )
    return tests
