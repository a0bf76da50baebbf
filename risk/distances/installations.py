"""The installations of a park, and which method of GB/T 37243-2019 finds the external distance of each.

An installation is a hazard unit of GB 18218-2018. Explosives in any amount call for the accident-consequence method;
otherwise toxic and flammable gases whose design maxima reach the critical quantities call for a quantitative risk
assessment; otherwise the distances of the design standards hold. What is not known leaves the method undetermined.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from parkrisk.risk.distances.standard import methods
from parkrisk.risk.rules.facts import Facts
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.screening.hazard_tables import exact
from parkrisk.risk.screening.hazard_units import HazardTable
from parkrisk.scenarios.park import Park

__all__ = ["Choice", "Installation", "choose", "installations_of"]

_TERM = ("unit_id", "cas", "substance_zh", "substance_en", "symbols", "mass_t", "Q_t", "complete", "missing")
#: Answer that says that an installation is none of the standard's.
OUT_OF_SCOPE_ITEM = "outside-gbt37243"

Term = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """Method for an installation, and why.

    Parameters
    ----------
    method : str
        "consequence", "qra", "standards", "undetermined" or "out_of_scope".
    why_zh, why_en : str
    missing : tuple of str
        What would settle the method.
    mark : str
    """

    method: str
    why_zh: str
    why_en: str
    missing: tuple[str, ...] = ()
    mark: str = "M"


@dataclass(frozen=True)
class Installation:
    """A hazard unit whose external distance is judged.

    Parameters
    ----------
    id : str
    enterprises, unit_ids : tuple of str
    state : str
        "new" where a unit of it is approved or proposed, else "existing".
    choice : Choice
    terms : tuple of mappings
        Its rows of `HazardTable.terms`, the columns that `choose` takes and cas.
    """

    id: str
    enterprises: tuple[str, ...]
    unit_ids: tuple[str, ...]
    state: str
    choice: Choice
    terms: tuple[Term, ...]


def symbols_of(term: Term) -> frozenset[str]:
    """Hazard classes of a term."""
    return frozenset(filter(None, str(term["symbols"]).split(";")))


def explosives(terms: Iterable[Term]) -> list[Term]:
    """Terms of explosives; one of which nothing is there is none."""
    return [term for term in terms if symbols_of(term) & methods()["consequence"].symbols and term["mass_t"] != 0.0]


def choose(terms: Sequence[Term]) -> Choice:
    """Choose the method for an installation.

    Parameters
    ----------
    terms : sequence of mappings
        Rows of `HazardTable.terms`: cas, unit_id, substance_zh, substance_en, symbols, mass_t, Q_t [t], complete,
        missing.
    """
    found = explosives(terms)
    if found:
        zh, en = (";".join(sorted({str(term[name]) for term in found})) for name in ("substance_zh", "substance_en"))
        return Choice("consequence", f"涉及爆炸物：{zh}", f"explosives: {en}", mark=methods()["consequence"].mark)
    rule = methods()["qra"]
    assert rule.ratio is not None  # of the shipped table
    gases = [term for term in terms if symbols_of(term) & rule.symbols]
    known = [term for term in gases if not math.isnan(term["mass_t"]) and not math.isnan(term["Q_t"])]
    total = sum((exact(term["mass_t"]) / exact(term["Q_t"]) for term in known), Fraction(0))
    zh, en = f"有毒、易燃气体 Σq/Q = {float(total):.4g}", f"toxic and flammable gas, sum of q/Q = {float(total):.4g}"
    if total >= rule.ratio:
        return Choice("qra", f"{zh} ≥ {rule.ratio}", f"{en} >= {rule.ratio}", mark=rule.mark)
    # A substance without any class on record may be a gas or an explosive; a flammable liquid is neither.
    open_ends = [term for term in terms if not term["complete"] and (term in gases or not symbols_of(term))]
    if open_ends:
        missing = tuple(dict.fromkeys(entry for term in open_ends for entry in term["missing"]))
        return Choice("undetermined", f"{zh}，尚有未知项", f"{en}, with terms unknown", missing)
    mark = weakest((rule.mark, methods()["standards"].mark))
    return Choice("standards", f"{zh} < {rule.ratio}", f"{en} < {rule.ratio}", mark=mark)


def installations_of(park: Park, hazards: HazardTable, evidence: Facts) -> list[Installation]:
    """Installations of a park, sorted by id; what is out of service is none.

    Parameters
    ----------
    park : Park
    hazards : HazardTable
        Of this park.
    evidence : Facts
        Its answers ``outside-gbt37243[ID]`` say which hazard units the standard does not cover.
    """
    table = park.tables["units"]
    columns = (table[name].tolist() for name in ("enterprise_id", "status"))
    units = dict(zip(table["unit_id"].tolist(), zip(*columns, strict=True), strict=True))
    grouped: dict[str, list[Term]] = {}
    for name, *row in zip(*(hazards.terms[each].tolist() for each in ("hazard_unit_id", *_TERM)), strict=True):
        grouped.setdefault(name, []).append(dict(zip(_TERM, row, strict=True)))
    found = []
    for name in sorted(grouped):
        terms = grouped[name]
        ids = tuple(sorted({str(term["unit_id"]) for term in terms}))
        owners, states = zip(*(units[each] for each in ids), strict=True)
        state = "existing" if set(states) == {"existing"} else "new"
        enterprises = tuple(sorted(set(owners)))
        choice = _outside(name, evidence) or choose(terms)
        found.append(Installation(name, enterprises, ids, state, choice, tuple(terms)))
    return found


def _outside(name: str, evidence: Facts) -> Choice | None:
    answer = evidence.answer(f"{OUT_OF_SCOPE_ITEM}[{name}]", "gbt37243-2019")
    if answer.answer == "yes":
        document = answer.document or answer.origin
        return Choice("out_of_scope", f"填报不适用：{document}", f"stated to be out of scope: {document}", mark="1")
    return None
