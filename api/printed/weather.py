"""What ``parkrisk weather`` prints."""

import math
from pathlib import Path

import pandas as pd

from parkrisk.api.printed.terminal import OUT, listed, pick
from parkrisk.scenarios.reading.weather.joint import JointWeather

__all__ = ["show", "show_written"]

_DIRECTIONS = {
    "wind_from": ("来向 (°)", "from (deg)", ""),
    "share": ("频率 (%)", "share (%)", ".2f"),
    "wind_speed": ("平均风速 (m/s)", "mean speed (m/s)", ".1f"),
}


def show(found: JointWeather, lang: str) -> None:
    """Print how the table came about, stability by speed, and the wind rose; last the text for ``park.toml``."""
    for chinese, english in found.statement:
        OUT.print("· " + pick(lang, chinese, english))
    table = found.table
    shares = table.pivot_table("frequency", "stability", "wind_speed", aggfunc="sum", fill_value=0.0)
    period = table.pivot_table("frequency", "stability", "period", aggfunc="sum", fill_value=0.0)
    rows = pd.DataFrame({"stability": shares.index.tolist()})
    columns = {"stability": ("稳定度", "stability", "")}
    for name, chinese in (("day", "昼"), ("night", "夜")):
        if name in period:
            rows[name] = 100.0 * period[name].to_numpy()
            columns[name] = (chinese, name, ".2f")
    rows["all"] = 100.0 * shares.sum(axis=1).to_numpy()
    columns["all"] = ("合计", "all", ".2f")
    OUT.print(listed(pick(lang, "稳定度频率 (%)", "shares of stability (%)"), rows, columns, lang))
    OUT.print(listed(pick(lang, "风向频率", "wind directions"), _rose(table, lang), _DIRECTIONS, lang))
    classes = table.groupby(["stability", "wind_speed"]).ngroups
    zh = f"{len(table)} 行，{classes} 个风速—稳定度组合"
    OUT.print(pick(lang, zh, f"{len(table)} rows, {classes} pairs of speed and stability"))
    OUT.print(pick(lang, "请写入 park.toml：", "for park.toml:"))
    text = pick(lang, *found.weather_source).replace("\\", "\\\\").replace('"', '\\"')
    OUT.print(f'weather_source = "{text}"', soft_wrap=True)


def _rose(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    weighted = table.assign(run=table["wind_speed"] * table["frequency"])
    rose = weighted.groupby("wind_from", dropna=False)[["frequency", "run"]].sum().reset_index()
    still = pick(lang, "静风、不定", "calm, variable")
    return pd.DataFrame(
        {
            "wind_from": [still if math.isnan(wind) else f"{wind:g}" for wind in rose["wind_from"].tolist()],
            "share": 100.0 * rose["frequency"],
            "wind_speed": rose["run"] / rose["frequency"].where(rose["frequency"] > 0.0),
        }
    )


def show_written(path: Path, lang: str) -> None:
    """Say which file was written."""
    OUT.print(pick(lang, f"已写入 {path}", f"written to {path}"), style="green")
