"""The ``parkrisk`` command. The engine is imported inside each command, so that help answers at once."""

import argparse
import dataclasses
import io
import json
import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="parkrisk",
    help="Safety risk of a whole chemical park: hazard sources, individual and societal risk, domino effects, "
    "grade, project entry. 化工园区整体性安全风险评估与入园准入。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

EXIT_FAULT = 1
EXIT_INVALID_INPUT = 2
EXIT_OF_VERDICT = {"admit": 0, "refuse": 3, "admit_with_conditions": 4, "undecided": 5}


class Language(StrEnum):
    """Language of what is printed."""

    zh = "zh"
    en = "en"


def _default_language() -> Language:
    return Language.zh if os.environ.get("LANG", "zh").startswith(("zh", "C", "POSIX")) else Language.en


ParkPath = Annotated[
    Path, typer.Argument(help="Park: folder with park.toml, or workbook. 园区文件夹或工作簿", metavar="PARK")
]
ProjectPath = Annotated[
    Path, typer.Argument(help="Project: folder with project.toml, or workbook. 项目文件夹或工作簿", metavar="PROJECT")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else. 只输出 JSON")]
Lang = Annotated[Language, typer.Option("--lang", default_factory=_default_language, help="zh or en. 语言")]
Rules = Annotated[
    str | None, typer.Option("--rules", help="Rule set, or files, with commas between; default: the park's own. 规则集")
]
Scores = Annotated[
    Path | None,
    typer.Option("--checklist", help="Item scores of the grade: a CSV, XLSX or TOML file. 评分检查表文件"),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the sampled cascades. 随机种子")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="Threads; the result is the same. 线程数")]
Contours = Annotated[
    list[float] | None,
    typer.Option("--contour", help="Contour level per year; may be repeated. 等值线水平", metavar="LEVEL"),
]
Rose = Annotated[
    str,
    typer.Option("--wind-rose", help="piecewise_constant, or mean_preserving_linear between directions. 风玫瑰插值"),
]
Delayed = Annotated[
    str,
    typer.Option("--delayed-ignition", help="free_field, or located: only where a cloud meets a source. 延迟点火"),
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", file_okay=False, writable=True, help="Folder for tables and figures. 输出文件夹"),
]
WithReport = Annotated[
    bool, typer.Option("--report/--no-report", help="With -o: the report as PDF and Word too. 同时输出报告")
]


@app.command()
def demo(
    lang: Lang,
    output: Output = Path("out"),
    as_json: AsJson = False,
    seed: Seed = 0,
    threads: Threads = None,
    report: WithReport = True,
) -> None:
    """Assess the shipped example park and gate its example project. 示范园区演示."""
    from parkrisk.api.examples import example_park, example_project

    if report and output is not None:
        _require_printers()
    park_path = example_park("zhoushan")
    result = _assess(park_path, None, seed, threads, quiet=as_json)
    decision = commands.gate.decided(result.park, example_project("zhoushan"), result, seed, threads, quiet=as_json)
    if output is not None:
        _save(result, output, lang, report=report, quiet=as_json)
        _write_json(output / "decision.json", decision.to_dict())
        if report:
            commands.gate.write_report(decision, output, lang)
    if as_json:
        _print_json({"assessment": result.to_dict(), "decision": decision.to_dict()})
        return
    from parkrisk.api.printed import decision as decision_tables
    from parkrisk.api.printed import terminal

    terminal.show_assessment(result, lang)
    decision_tables.show_decision(decision, lang)
    if output is not None:
        terminal.show_saved(output, lang)


@app.command()
def check(park: ParkPath, lang: Lang, as_json: AsJson = False) -> None:
    """List every problem of the input; write nothing. 检查输入数据."""
    from parkrisk.scenarios import problems

    found = problems(park)
    errors = sum(problem.severity == "error" for problem in found)
    if as_json:
        _print_json({"problems": [problem.__dict__ for problem in found], "errors": errors})
    else:
        from parkrisk.api.printed import terminal

        terminal.show_problems(found, lang)
    if errors:
        raise typer.Exit(EXIT_INVALID_INPUT)


@app.command()
def assess(
    park: ParkPath,
    lang: Lang,
    output: Output = None,
    rules: Rules = None,
    checklist: Scores = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
    timings: Annotated[bool, typer.Option("--timings", help="Print seconds per stage and peak memory. 计时")] = False,
    contour: Contours = None,
    wind_rose: Rose = "piecewise_constant",
    report: WithReport = True,
) -> None:
    """Run the whole assessment: risk, domino effects, grade. 整体性安全风险评估."""
    if report and output is not None:
        _require_printers()
    result = _assess(
        park,
        rules,
        seed,
        threads,
        checklist=checklist,
        contour_levels=contour,
        delayed=delayed,
        wind_rose=wind_rose,
        quiet=as_json,
    )
    if output is not None:
        _save(result, output, lang, rules, checklist, report=report, quiet=as_json)
    from parkrisk.api.printed import terminal

    if as_json:
        _print_json(result.to_dict())
    else:
        terminal.show_assessment(result, lang)
        if output is not None:
            terminal.show_saved(output, lang)
    if timings:
        terminal.show_timings(result, lang)


@app.command()
def hazards(park: ParkPath, lang: Lang, as_json: AsJson = False) -> None:
    """Identify and grade major hazards by GB 18218-2018. 重大危险源辨识与分级."""
    from parkrisk.risk.result import plain
    from parkrisk.risk.screening.hazard_units import hazard_units
    from parkrisk.scenarios import read

    table = hazard_units(read(park))
    if as_json:
        _print_json({"hazard_units": plain(table.units), "terms": plain(table.terms)})
        return
    from parkrisk.api.printed import terminal

    terminal.show_hazards(table, lang)


def _complain(message_zh: str, message_en: str) -> None:
    """Say something on standard error in both languages."""
    sys.stderr.write(f"{message_zh}\n{message_en}\n")


# They register themselves on the app above.
from parkrisk.api import commands  # noqa: E402


def main() -> None:
    """Run the command; faults of the input exit with 2, faults of the program with 1."""
    from parkrisk.models.errors import InputProblems, ParkRiskError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every code page of Windows has every sign
    try:
        app()
    except InputProblems as problems:
        _report_problems(problems)
        sys.exit(EXIT_INVALID_INPUT)
    except ParkRiskError as error:
        _report_error(error)
        sys.exit(EXIT_INVALID_INPUT)
    except OSError as error:
        if not error.filename:
            raise
        reason = f"{error.filename}: {error.strerror}"
        _complain(f"无法写入或读取 {reason}", f"cannot write or read {reason}")
        sys.exit(EXIT_INVALID_INPUT)


def _assess(
    path: Path,
    rules: str | None,
    seed: int,
    threads: int | None,
    *,
    checklist: Path | None = None,
    contour_levels: list[float] | None = None,
    delayed: str = "free_field",
    wind_rose: str = "piecewise_constant",
    quiet: bool,
) -> Any:
    from parkrisk.api.commands.rules import checked_rules
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.assess import assess as run
    from parkrisk.risk.settings import Settings
    from parkrisk.scenarios import read

    settings = Settings(delayed_ignition=delayed, wind_rose=wind_rose, threads=threads)
    if contour_levels:
        settings = dataclasses.replace(settings, contour_levels=tuple(contour_levels))
    with progress_bar(quiet) as progress:
        progress("read", 0, 1)
        start = time.perf_counter()
        park = read(path)
        seconds = time.perf_counter() - start
        progress("read", 1, 1)
        chosen = checked_rules(rules or park.rulebook, checklist, park.date)
        result = run(park, settings=settings, rules=chosen, seed=seed, progress=progress)
        return dataclasses.replace(result, timings={"read": seconds, **result.timings})


def _save(
    result: Any,
    folder: Path,
    lang: Language,
    rules: str | None = None,
    checklist: Path | None = None,
    *,
    report: bool,
    quiet: bool,
) -> None:
    from parkrisk.api.commands.rules import checked_rules
    from parkrisk.api.progress import progress_bar
    from parkrisk.api.report.printers import FORMATS
    from parkrisk.api.written.run import write_run

    chosen = checked_rules(rules or result.park.rulebook, checklist, result.park.date)
    with progress_bar(quiet) as progress:
        write_run(result, folder, lang, rules=chosen, formats=tuple(FORMATS) if report else (), progress=progress)


def _require_printers() -> None:
    """Refuse before a long run what cannot be printed after it."""
    from parkrisk.api.report.printers import require_printers

    require_printers()


def _write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _print_json(content: Any) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the code page
    sys.stdout.write(json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def _asked() -> argparse.Namespace:
    """Return ``--json`` and ``--lang`` of a command that has ended in an error."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lang", default=_default_language())
    return parser.parse_known_args(sys.argv[1:])[0]


def _report_problems(problems: Any) -> None:
    asked = _asked()
    if asked.json:
        _print_json({"problems": [problem.__dict__ for problem in problems.problems]})
        return
    from parkrisk.api.printed import terminal

    terminal.show_problems(problems.problems, asked.lang)


def _report_error(error: Any) -> None:
    asked, problems = _asked(), getattr(error, "problems", ())  # rule files list their problems, as an input does
    if asked.json:
        content = {"error": {"code": error.code, "message_zh": error.message_zh, "message_en": error.message_en}}
        _print_json({**content, "problems": [each.__dict__ for each in problems]} if problems else content)
        return
    if problems:
        from parkrisk.api.printed import terminal

        terminal.show_problems(problems, asked.lang)
        return
    _complain(error.message_zh, error.message_en)
