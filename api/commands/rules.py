"""``parkrisk rules``: which rules there are, what they ask, whether a file of one's own can be used."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import EXIT_INVALID_INPUT, AsJson, Lang, app

rules_app = typer.Typer(
    help="List, show and check rulebooks; write a sheet to start one. 规则集的列出、查看和检查。", no_args_is_help=True
)
app.add_typer(rules_app, name="rules")

RuleSetName = Annotated[
    str | None, typer.Option("--set", help="Set or files, with commas between; default: all shipped. 规则集")
]
Day = Annotated[
    dt.datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Day on which rules are in force; default: today. 日期"),
]


def checked_rules(rules: str, checklist: Path | None, day: dt.date) -> str:
    """Rules with a checklist on top; a fault of a file is named here, before anything is computed."""
    from parkrisk.risk.grading.checklist import load as load_checklist
    from parkrisk.risk.rules.sets import load

    chosen = rules if checklist is None else f"{rules},{checklist}"
    scored = load(chosen, day).checklist
    if scored:
        load_checklist(scored)
    return chosen


@rules_app.command("list")
def list_command(lang: Lang, rule_set: RuleSetName = None, date: Day = None, as_json: AsJson = False) -> None:
    """Sets and rulebooks: edition, validity, number of rules, how many are unverified. 列出规则集."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import rules as rules_tables
    from parkrisk.risk.rules.described import rule_sets

    day = _day(date)
    content = rule_sets(rule_set, day)
    if as_json:
        _print_json(content)
        return
    rules_tables.show_list(content, lang)


@rules_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Id of a rule or rulebook. 规则或文件编号", metavar="RULE_OR_RULEBOOK")],
    lang: Lang,
    rule_set: RuleSetName = None,
    date: Day = None,
    as_json: AsJson = False,
) -> None:
    """What a rule asks, of whom, with its limit, exemptions, validity and source. 查看规则."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import rules as rules_tables
    from parkrisk.risk.rules.described import rules_called

    found = rules_called(name, rule_set, _day(date))
    if as_json:
        _print_json({"rules": found})
        return
    rules_tables.show_rules(found, lang)


@rules_app.command("check")
def check_command(
    files: Annotated[
        list[Path], typer.Argument(help="Rulebooks, sheets of rules or of scores. 规则文件", metavar="FILE")
    ],
    lang: Lang,
    rule_set: Annotated[str, typer.Option("--set", help="Set that each file is put on top of. 所依据的规则集")] = "",
    as_json: AsJson = False,
) -> None:
    """List every problem of rule files; exit code 2 where there is one. 检查规则文件."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import rules as rules_tables

    checked = [_checked(file, rule_set) for file in files]
    problems = [problem for _, found in checked for problem in found]
    errors = sum(problem.severity == "error" for problem in problems)
    summaries = [summary for summary, _ in checked]
    if as_json:
        _print_json({"files": summaries, "problems": [problem.__dict__ for problem in problems], "errors": errors})
    else:
        rules_tables.show_checked(summaries, problems, lang)
    if errors:
        raise typer.Exit(EXIT_INVALID_INPUT)


@rules_app.command("template")
def template_command(
    file: Annotated[Path, typer.Argument(help="CSV file to write. 要写的文件", metavar="FILE.csv", dir_okay=False)],
    lang: Lang,
    items: Annotated[bool, typer.Option("--items", help="Scored items of a checklist, not rules. 评分项")] = False,
) -> None:
    """Write the header of a sheet of rules with one example row. 写出规则表模板."""
    from parkrisk.api.printed import rules as rules_tables
    from parkrisk.models.errors import OutOfRange
    from parkrisk.risk.rules.sheet_cells import template

    if file.suffix.lower() != ".csv" or file.exists():
        raise OutOfRange(f"应为尚不存在的 .csv 文件：{file}", f"should be a .csv file that is not there yet: {file}")
    file.write_text(template("items" if items else "rules"), encoding="utf-8-sig", newline="")
    rules_tables.show_written(file, lang)


def _day(given: dt.datetime | None) -> dt.date:
    return dt.date.today() if given is None else given.date()


def _checked(file: Path, rule_set: str) -> tuple[dict[str, Any], list[Any]]:
    """What is in a file, and what is wrong with it."""
    from parkrisk.risk.grading.checklist import load as load_checklist
    from parkrisk.risk.rules.sets import InvalidRules, load, problems_of

    name = f"{rule_set},{file}" if rule_set else str(file)
    problems = problems_of(name)
    summary: dict[str, Any] = {"file": str(file), "rules": 0, "unverified": 0, "items": 0}
    if any(problem.severity == "error" for problem in problems):
        return summary, problems
    found = load(name, dt.date.today())
    own = [rule for book in found.books if book.file == file.name for rule in book.rules]
    summary |= {"rules": len(own), "unverified": sum(rule.unverified for rule in own)}
    if found.checklist:
        try:
            scored = load_checklist(found.checklist)
            summary["items"] = len(scored.items)
        except InvalidRules as fault:
            problems = [*problems, *fault.problems]
    return summary, problems
