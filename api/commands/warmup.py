"""``parkrisk warmup``: compiles kernels ahead of the first use. The engine is imported inside the command."""

import time

from parkrisk.api.cli import Lang, app


@app.command("warmup")
def warmup_command(lang: Lang) -> None:
    """Compile ahead what is compiled at first use: the first assessment and server are then quick. 预先编译计算内核."""
    from parkrisk.api.examples import example_park
    from parkrisk.api.printed.terminal import OUT, pick
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.assess import assess
    from parkrisk.risk.entry.gate import gate
    from parkrisk.scenarios import read, read_project

    start = time.perf_counter()
    folder = example_park("minimal")
    park = read(folder)
    with progress_bar(quiet=False) as progress:
        before = assess(park, progress=progress)
        gate(park, read_project(folder / "projects" / "diesel-tank"), before=before, progress=progress)
    seconds = time.perf_counter() - start
    OUT.print(pick(lang, f"已就绪，用时 {seconds:.1f} s", f"ready after {seconds:.1f} s"))
