"""Substance table: what is known of each substance, with marks."""

from collections import Counter, defaultdict

from pages.marked import MARKS, ROOT, code, page, plain, rows_of, table
from parkrisk.models.substance.substances import known

DATA = ROOT / "models" / "data"
_SHOWN = ("molar_mass", "boiling_point", "flash_point", "lfl", "ufl", "erpg3", "burning_rate")


def pages() -> dict[str, str]:
    """One page."""
    rows = rows_of(DATA / "substance_properties.csv")
    values = {(row["cas"], row["property"]): row for row in rows}
    marks: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        marks[row["cas"]][row["mark"]] += 1
    lines = []
    for each in known():
        kinds = ", ".join(filter(None, ["flammable 易燃" * each.is_flammable, "toxic 有毒" * each.is_toxic]))
        constants = []
        for name in _SHOWN:
            row = values.get((each.cas, name))
            unverified = "" if row is None or row["mark"] != "M" else " (M)"
            constants.append("" if row is None else plain(f"{row['value'][:9]} {row['unit']}") + unverified)
        of = marks[each.cas]
        by_mark = ", ".join(f"{of[key]} {word.replace('*', '')}" for key, word in MARKS.items() if of[key])
        probit = each.toxic_probit()
        lines.append(
            (
                code(each.cas), f"{plain(each.name_zh)}<br>{plain(each.name_en)}", kinds, *constants,
                "" if probit is None else " / ".join(f"{number:g}" for number in probit),
                code(each.fluid) or (code("= " + each.surrogate_cas) if each.surrogate_cas else ""), by_mark,
            )
        )  # fmt: skip
    head = (
        "CAS",
        "name 名称",
        "kind",
        *(name.replace("_", " ") for name in _SHOWN),
        "toxic probit a / b / n",
        "fluid or stand-in",
        "rows by mark",
    )
    listed = Counter(row["property"] for row in rows)
    units = {row["property"]: row["unit"] for row in rows}
    return {
        "substances": page(
            "Substances 物质",
            f"{len(lines)} substances, {len(rows)} constants and notes in `models/data/substance_properties.csv`, each with its source. "
            "(M): unverified. *Fluid*: equation of state of CoolProp; “= CAS”: the pure substance that stands in. "
            "Probits: Pr = a + b ln(Cⁿ t), C in mg/m³, t in minutes. How to add one: [a substance](../extend/substance.md).",
            table(head, lines),
            "## Properties on record",
            table(("property", "unit", "substances"), [(code(name), plain(units[name]), str(count)) for name, count in sorted(listed.items())]),
        )
    }  # fmt: skip
