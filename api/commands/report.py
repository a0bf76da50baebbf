"""``parkrisk report``: the written report of a park. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated

import typer

from parkrisk.api.cli import Delayed, Lang, ParkPath, Rules, Scores, Seed, Threads, app

Formats = Annotated[
    str, typer.Option("--format", help="pdf, docx, or both with a comma between. 报告格式", metavar="FORMATS")
]
Into = Annotated[
    Path, typer.Option("-o", "--output", file_okay=False, writable=True, help="Folder for the report. 输出文件夹")
]
Sampled = Annotated[
    int,
    typer.Option(
        "--uncertainty",
        metavar="SAMPLES",
        help="Sample uncertain inputs, a power of two from 64: bands, chance of each grade. 抽样不确定性（2 的幂）",
    ),
]


@app.command("report")
def report_command(
    park: ParkPath,
    lang: Lang,
    output: Into = Path("report"),
    formats: Formats = "pdf,docx",
    rules: Rules = None,
    checklist: Scores = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    samples: Sampled = 0,
) -> None:
    """Assess a park and write its report with figures: report.pdf and report.docx. 评估报告."""
    from parkrisk.api.cli import _assess
    from parkrisk.api.commands.rules import checked_rules
    from parkrisk.api.printed import terminal
    from parkrisk.api.progress import progress_bar
    from parkrisk.api.report.assemble import material_of, print_report
    from parkrisk.api.report.printers import require_printers
    from parkrisk.risk.uncertainty.inputs import checked_design

    chosen = tuple(name.strip() for name in formats.split(","))
    require_printers(chosen)
    if samples:
        checked_design(samples, seed)
    result = _assess(park, rules, seed, threads, checklist=checklist, delayed=delayed, quiet=False)
    asked = checked_rules(rules or result.park.rulebook, checklist, result.park.date)
    with progress_bar(quiet=False) as progress:
        material = material_of(result, output / "figures", lang, rules=asked, samples=samples, progress=progress)
        print_report(material, output, chosen, progress)
    terminal.show_saved(output, lang)
