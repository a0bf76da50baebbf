"""How sure the numbers are: what sampling, the domino effects, what was cut off and the edge of the map do to them."""

import numpy as np
import pandas as pd

from parkrisk.api.report.acceptance import acceptance
from parkrisk.api.report.content import Block, Paragraph
from parkrisk.api.report.material import Material, per_year, percent
from parkrisk.api.report.sampled import sampled
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.risk.mapping.contours import open_levels
from parkrisk.scenarios.events.expand import DROP_REASONS

__all__ = ["uncertainty"]

_COLUMNS: Columns = {
    "what": ("项目", "what", ""),
    "value": ("数值", "value", ""),
    "meaning": ("含义", "meaning", ""),
}
_AT = (1.0, 10.0, 100.0)


def uncertainty(material: Material) -> tuple[Block, ...]:
    """Table of what the numbers hang on."""
    rows = (*_domino(material), *_curve(material), *_sampling(material), *_cut_off(material), *_map(material))
    say = material.say
    told = say(
        "风险的绝对值受频率数据、后果模型和人口资料的不确定性影响大于排序；下表列出本次结果中可以量化的部分。",
        "Absolute values of risk hang on frequencies, models and data of people more than their ranking does; "
        "the table lists what can be told from this run.",
    )
    if material.sampled is None:
        told += say(
            "频率、概率函数等参数的不确定性未在此抽样；parkrisk report --uncertainty 给出其区间和各等级的概率。",
            " Frequencies and probits were not sampled; parkrisk report --uncertainty gives their bands and the chance "
            "of each grade.",
        )
    return (
        Paragraph(told),
        *tabulated(
            pd.DataFrame(rows, columns=list(_COLUMNS)),
            _COLUMNS,
            material,
            say("不确定性与敏感性", "Uncertainty and sensitivity"),
            widths=(3.0, 3.0, 4.0),
        ),
        *sampled(material),
    )


def _domino(material: Material) -> list[tuple[str, str, str]]:
    say, result = material.say, material.result
    without, pll = result.societal.pll_without_domino, result.pll
    ratio = f"{pll / without:.3g}" if without > 0.0 else "–"
    rows = [
        (
            say("PLL：计 / 不计多米诺〔人/年〕", "PLL: with / without domino effects [1/yr]"),
            f"{per_year(pll)} / {per_year(without)}",
            say(f"计入多米诺为不计的 {ratio} 倍", f"with domino effects {ratio} times as much"),
        ),
        (
            say("PLL：按事故计〔人/年〕", "PLL by accidents [1/yr]"),
            per_year(result.societal.pll_accidents),
            say(
                "初始事件与后果链算一次事故，同一人只计一次",
                "a primary event with what follows is one accident; nobody counts twice",
            ),
        ),
    ]
    worst = acceptance(material).worst
    if worst is not None:
        name = named(material, "target", worst["target_id"])
        rows.append(
            (
                say(f"{name} 个人风险：计 / 不计多米诺〔/年〕", f"individual risk at {name}: with / without [1/yr]"),
                f"{per_year(worst['individual_risk'])} / {per_year(worst['individual_risk_without_domino'])}",
                say("最不利防护目标对多米诺的敏感性", "how the worst target hangs on domino effects"),
            )
        )
    return rows


def _curve(material: Material) -> list[tuple[str, str, str]]:
    say, fn = material.say, material.result.fn
    if fn.empty:
        return [(say("F-N 曲线", "F-N curve"), say("无", "none"), say("无人死亡的事件", "no event with deaths"))]
    rows = []
    N = fn["N"].to_numpy(dtype=np.float64)
    for at in _AT:
        if N[0] <= at <= N[-1]:
            row = fn.iloc[int(np.abs(N - at).argmin())]
            rows.append(
                (
                    say(f"F（N = {row['N']:.4g}）〔/年〕", f"F (N = {row['N']:.4g}) [1/yr]"),
                    f"{per_year(row['F'])} ± {per_year(row['F_standard_error'])}",
                    say(
                        f"标准误差来自多米诺抽样；不计多米诺为 {per_year(row['F_without_domino'])} /年",
                        f"standard error of the sampled cascades; {per_year(row['F_without_domino'])} without them",
                    ),
                )
            )
    return rows


def _sampling(material: Material) -> list[tuple[str, str, str]]:
    say, method = material.say, material.result.domino.method
    asked, reached = method["error_asked"], method["error_reached"]
    wanted = (
        say("未设定目标误差", "no error was asked for")
        if asked is None
        else say(f"要求 {percent(asked)}", f"asked for: {percent(asked)}")
    )
    return [
        (
            say("多米诺抽样次数（每个初始事件）", "sampled cascades per primary event"),
            str(method["histories"]),
            say(f"随机种子 {method['seed']}，结果可重现", f"seed {method['seed']}: the result can be reproduced"),
        ),
        (
            say("多米诺二次失效数的相对标准误差", "relative standard error of secondary failures"),
            "–" if reached is None else percent(reached),
            wanted,
        ),
    ]


def _cut_off(material: Material) -> list[tuple[str, str, str]]:
    say, result = material.say, material.result
    dropped = result.events.dropped
    reasons = dropped["reason"].value_counts().sort_index()
    words = {name: say(*pair) for name, pair in DROP_REASONS.items()}
    parts = say("；", "; ").join(f"{words.get(str(name), str(name))} {count}" for name, count in reasons.items())
    return [
        (
            say("频率截断值〔/年〕", "frequency cut-off [1/yr]"),
            per_year(result.settings.frequency_cut_off),
            say("更低频率的泄漏场景不计", "rarer losses of containment are left out"),
        ),
        (
            say("事件数：计入 / 舍去", "events: counted / left out"),
            f"{len(result.events.table)} / {len(dropped)}",
            parts or say("没有舍去的事件", "nothing was left out"),
        ),
        (
            say("未能计算的设备数", "units with events not computed"),
            str(len(result.events.not_computed)),
            say("大于 0 时风险仅为下限，判定为未知", "above 0: risk is a lower bound and findings are unknown"),
        ),
    ]


def _map(material: Material) -> list[tuple[str, str, str]]:
    say, result = material.say, material.result
    raster = result.individual_risk.raster
    cut = open_levels(result.individual_risk.values, result.settings.contour_levels)
    cut_words = say("、", ", ").join(per_year(level) for level in cut)
    grid = result.settings.grid
    return [
        (
            say("风险栅格", "risk raster"),
            f"{raster.nx} × {raster.ny}, {raster.cell:.4g} m",
            say("等值线位置的误差约为一个栅格", "contours are off by about a cell"),
        ),
        (
            say("每源极坐标网格：环 × 方位", "polar grid of each source: rings × bins"),
            f"{grid.n_rings} × {grid.n_bins}",
            say(f"半径至 {grid.r_max:.5g} m", f"out to {grid.r_max:.5g} m"),
        ),
        (
            say("被图边截断的等值线〔/年〕", "contours cut by the edge of the map [1/yr]"),
            cut_words or say("无", "none"),
            say("截断的等值线只表示图内部分", "a cut contour shows the part within the map only"),
        ),
    ]
