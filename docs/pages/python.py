"""Python reference: the public face, and every module's docstrings, one page for each package."""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Iterator

import parkrisk
from pages.marked import code, page, plain, table, toctree

#: Modules that are run, not imported.
_RUN = ("parkrisk.api.service.store.migrations",)
#: Modules of the delivery that other programs call.
_FOR_OTHERS = (
    "parkrisk.api.examples",
    "parkrisk.api.report.assemble",
    "parkrisk.api.report.gate_report",
    "parkrisk.api.written.run",
)
_PACKAGES = {
    "models": "Physics of one event 单个事件的物理模型",
    "scenarios": "A park and what can happen in it 园区与事故情景",
    "risk": "The answer 风险与结论",
    "api": "Delivery: command line, service, report 交付",
}


def modules() -> Iterator[str]:
    """Names of all modules of the program."""
    for found in pkgutil.walk_packages(parkrisk.__path__, "parkrisk."):
        if not found.name.startswith(_RUN) and "._" not in found.name:
            yield found.name


def public() -> list[str]:
    """What ``parkrisk`` itself offers."""
    return [name for name in parkrisk.__all__ if not name.startswith("__")]


def _face() -> str:
    blocks = [f"```{{eval-rst}}\n.. autofunction:: parkrisk.{name}\n```" for name in public()]
    homes = "\n".join(
        f"- {code(f'parkrisk.{name}')} → {{py:obj}}`{getattr(parkrisk, name).__module__}.{name}`" for name in public()
    )
    about = (
        "`import parkrisk` costs nothing: the engine is imported when something of it is first asked for. "
        "`assess` is a pure function of park, rules, settings and seed: no clock, network, environment or file."
    )
    result = (
        "```{eval-rst}\n.. autoclass:: parkrisk.risk.result.Assessment\n   :members:\n   :no-index:\n```\n\n"
        "```{eval-rst}\n.. autoclass:: parkrisk.risk.settings.Settings\n   :members:\n   :no-index:\n```"
    )
    return page("parkrisk: the Python face", about, homes, *blocks, "## What `assess` gives and takes", result)


def _is_package(name: str) -> bool:
    return hasattr(importlib.import_module(name), "__path__")


def _module(name: str) -> str:
    """Members of a module; of a package only what it says."""
    members, heading = (
        ("no-members", "") if _is_package(name) else ("members", f"## {name.removeprefix('parkrisk.')}\n\n")
    )
    return f"{heading}```{{eval-rst}}\n.. automodule:: {name}\n   :{members}:\n```"


def _delivery(names: Iterable[str]) -> str:
    """What each module of the delivery is for; its faces are the command line, HTTP and files."""
    rows = []
    for name in names:
        first = " ".join((importlib.import_module(name).__doc__ or "").split("\n\n")[0].split())
        rows.append((code(name), plain(first)))
    about = "The faces of these modules are the [command line](../commands.md), [HTTP](../http/index.md) and files; they may change."
    return page("api: delivery", about, table(("module", "is for"), rows), *map(_module, _FOR_OTHERS))


def pages() -> dict[str, str]:
    """The face, and one page for each package that has modules."""
    of_package: dict[str, list[str]] = defaultdict(list)
    for name in modules():
        of_package[name if _is_package(name) else name.rpartition(".")[0]].append(name)
    delivery = [name for names in of_package.values() for name in names if name.startswith("parkrisk.api")]
    packages = {package: names for package, names in of_package.items() if not package.startswith("parkrisk.api")}
    made = {"python/face": _face(), "python/api": _delivery(sorted(delivery))}
    for package, names in packages.items():
        short = package.removeprefix("parkrisk.")
        made[f"python/{short}"] = page(short, *map(_module, sorted(names, key=lambda name: name != package)))
    trees = []
    for top, title in _PACKAGES.items():
        ours = [name.removeprefix("parkrisk.") for name in packages if name.split(".")[1] == top]
        trees.append(f"## {title}\n\n{toctree(sorted(ours) or [top])}")
    made["python/index"] = page("Python reference", toctree(["face"]), *trees)
    return made
