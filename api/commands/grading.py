"""``parkrisk grade``: the park's letter and what would settle it, the colours of its enterprises, the map of both."""

from typing import Any

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, Rules, Seed, Threads, app


@app.command("grade")
def grade_command(
    park: ParkPath,
    lang: Lang,
    output: Output = None,
    rules: Rules = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Grade the park and its enterprises; say which open items would settle the letter. 园区与企业安全风险分级."""
    from parkrisk.api.cli import _assess, _print_json, _write_json
    from parkrisk.api.drawn import grading as grading_figures
    from parkrisk.api.printed import grading as grading_tables

    result = _assess(park, rules, seed, threads, quiet=as_json)
    content = _content(result)
    if output is not None:
        result.save(output)
        _write_json(output / "grade.json", content)
        grading_figures.save(result, output / "figures", lang)
    if as_json:
        _print_json(content)
        return
    grading_tables.show(result, lang)
    if output is not None:
        from parkrisk.api.printed import terminal

        terminal.show_saved(output, lang)


def _content(result: Any) -> Any:
    """What the command says, for JSON."""
    from parkrisk.risk.result import park_summary, plain

    return plain(
        {
            "park": park_summary(result.park),
            "grade": result.grade.to_dict(),
            "enterprises": result.enterprises.table,
            "hazard_units": result.hazards.units,
            "provenance": dict(result.provenance),
        }
    )
