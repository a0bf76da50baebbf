"""Every value whose mark is M: it could not be checked against its source."""

from pages.marked import ROOT, code, page, plain, rows_of, table

_FOLDERS = ("models/data", "scenarios/data", "risk/rules", "risk/uncertainty")
_NOT_SHOWN = {"mark", "source", "note", "name_zh"}


def pages() -> dict[str, str]:
    """One page: counts by file, then the rows themselves."""
    counts, lists = [], []
    for path in sorted(path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.csv")):
        rows = rows_of(path)
        if not rows or "mark" not in rows[0]:
            continue
        unverified = [row for row in rows if row["mark"] == "M"]
        name = path.relative_to(ROOT).as_posix()
        counts.append((code(name), str(len(rows)), str(len(unverified))))
        if unverified:
            lines = [
                (plain(", ".join(value for key, value in row.items() if value and key not in _NOT_SHOWN)), plain(row.get("source") or ""))
                for row in unverified
            ]  # fmt: skip
            lists.append(f"## {name}\n\n{table(('value', 'source as known'), lines)}")
    total = sum(int(count[2]) for count in counts)
    return {
        "unverified": page(
            "Unverified values 未核实的数值",
            f"{total} rows of data carry the mark M: the value is believed to be that of the source, but could not be checked against the source's text. "
            "Every result that used one says so. Clauses of rulebooks with the mark M stand in the [rulebooks](rules/index.md).",
            table(("file", "rows", "unverified"), counts),
            *lists,
        )
    }
