"""``parkrisk risk-at``: individual risk at a place asked for. The engine is imported inside the command."""

from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Delayed, Lang, ParkPath, Rose, Seed, Threads, app

Place = Annotated[
    tuple[float, float],
    typer.Option("--at", help="Place in the park's CRS, m. 地点坐标（m）", metavar="X Y"),
]
Outdoors = Annotated[
    tuple[float, float] | None,
    typer.Option("--outdoors", help="Share of the day and of the night outdoors. 室外时间份额", metavar="DAY NIGHT"),
]
Indoors = Annotated[
    tuple[float, float] | None,
    typer.Option("--indoors", help="Share of the day and of the night indoors. 室内时间份额", metavar="DAY NIGHT"),
]

_QUANTITIES = {
    "location_specific": ("个人风险（室外无防护，全年在场）", "individual risk (always there, outdoors, unprotected)"),
    "with_presence_and_shelter": ("个人风险（计在场时间与室内防护）", "individual risk with presence and shelter"),
}
_DIVISIONS = {
    "outcome": ("后果", "outcome"),
    "weather": ("气象（风速 m/s，稳定度）", "weather (m/s, stability)"),
    "wind_from": ("风向（来向，度）", "wind from (degrees)"),
}


@app.command("risk-at")
def risk_at_command(
    park: ParkPath,
    lang: Lang,
    at: Place,
    outdoors: Outdoors = None,
    indoors: Indoors = None,
    delayed: Delayed = "free_field",
    wind_rose: Rose = "piecewise_constant",
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Individual risk at any place and what makes it: sources, outcomes, weather, wind. 任意地点的个人风险."""
    from parkrisk.api.cli import _assess, _print_json
    from parkrisk.risk.mapping.loads import Presence
    from parkrisk.risk.places import risk_at

    asked = outdoors is not None or indoors is not None
    presence = Presence(outdoors or (0.0, 0.0), indoors or (0.0, 0.0)) if asked else None
    result = _assess(park, None, seed, threads, delayed=delayed, wind_rose=wind_rose, quiet=as_json)
    found = risk_at(result, [at], presence=presence)
    if as_json:
        _print_json(found.to_dict())
    else:
        _show(found, lang)


def _show(found: Any, lang: str) -> None:
    from parkrisk.api.printed.terminal import OUT, listed, pick

    risk = {"individual_risk": ("个人风险 (/年)", "risk (1/yr)", ".2e")}
    share = {**risk, "share": ("份额", "share", ".1%")}
    columns = {"x": ("x (m)", "x (m)", ".1f"), "y": ("y (m)", "y (m)", ".1f"), **risk}
    OUT.print(listed(pick(lang, *_QUANTITIES[found.quantity]), found.places, columns, lang))
    OUT.print(
        listed(pick(lang, "风险源", "sources"), found.sources, {"unit_id": ("编号", "source", ""), **share}, lang)
    )
    for by, names in _DIVISIONS.items():
        rows = found.parts[found.parts["by"] == by]
        OUT.print(listed(pick(lang, *names), rows, {"part": (*names, ""), **share}, lang))
