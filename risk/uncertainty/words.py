"""Names of figures, zones and inputs in Chinese and English."""

from collections.abc import Mapping

from parkrisk.models.substance.substances import find
from parkrisk.risk.uncertainty.inputs import distributions
from parkrisk.scenarios.schema import choices

__all__ = ["FIGURES", "ZONES", "input_words"]

#: Figures whose variance is divided among the inputs.
FIGURES: Mapping[str, tuple[str, str]] = {
    "pll": ("潜在生命损失（对数）", "expected deaths (logarithm)"),
    "worst_target_ratio": ("最不利目标与限值之比（对数）", "worst target over its limit (logarithm)"),
    "worst_curve_ratio": ("F-N 曲线与上限之比（对数）", "F-N curve over the upper line (logarithm)"),
    "grade": ("园区等级", "grade of the park"),
    "verdict": ("项目结论", "verdict on the project"),
}

#: Zones of societal risk.
ZONES: Mapping[str, tuple[str, str]] = {
    "acceptable": ("可接受区", "acceptable"),
    "alarp": ("尽可能降低区", "as low as practicable"),
    "unacceptable": ("不可接受区", "unacceptable"),
}


def input_words(name: str, of: str) -> tuple[str, str]:
    """Name of an input and of what, as sensitivity tells them apart: failure frequencies by kind of unit."""
    kinds = {each.value: (each.label_zh, each.label_en) for each in choices("unit_kind")}
    of_zh, of_en = kinds.get(of, (of, of))
    if name == "toxic_probit":
        of_zh, of_en = find(of).name_zh, find(of).name_en
    row = next(each for (known, _), each in distributions().items() if known == name)
    labels = ("失效频率", "failure frequency") if name == "failure_frequency" else (row.label_zh, row.label_en)
    return (f"{labels[0]}：{of_zh}", f"{labels[1]}: {of_en}") if of else labels
