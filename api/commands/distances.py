"""``parkrisk distances``: external safety distances and the control line. The engine is imported inside the command."""

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, Rules, Seed, Threads, app

__all__ = ["distances_command"]


@app.command("distances")
def distances_command(
    park: ParkPath,
    lang: Lang,
    output: Output = None,
    rules: Rules = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """External safety distances of installations, and the park's control line. 外部安全防护距离与控制线."""
    from parkrisk.api.cli import _assess, _print_json
    from parkrisk.api.printed import distances as distances_tables
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.distances.external import external_distances

    result = _assess(park, rules, seed, threads, quiet=as_json)
    with progress_bar(as_json) as progress:
        found = external_distances(result, progress=progress)
    if output is not None:
        from parkrisk.api.drawn import distances as distances_figures

        found.save(output)
        distances_figures.save(found, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
        return
    distances_tables.show(found, lang)
    if output is not None:
        from parkrisk.api.printed import terminal

        terminal.show_saved(output, lang)
