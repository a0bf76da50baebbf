"""Command line reference: every command with its arguments, options and defaults, from the program's own help."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

import typer

from pages.marked import code, page, plain, table
from parkrisk.api.cli import app

_EXITS = (
    ("0", "done; of `gate`: admit", "完成；准入评审：准入"),
    ("1", "fault of the program", "程序故障"),
    ("2", "invalid input, or a wrong command line", "输入有误或命令行有误"),
    ("3", "refuse", "不准入"),
    ("4", "admit with conditions", "有条件准入"),
    ("5", "undecided", "不能判定"),
)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command as it is typed, and what typer knows of it."""
    root = typer.main.get_command(app)
    waiting = [("parkrisk", root)]
    while waiting:
        name, found = waiting.pop(0)
        inner = getattr(found, "commands", None)
        if inner is None:
            yield name, found
        else:
            waiting += [(f"{name} {each}", command) for each, command in inner.items()]


def _default(parameter: Any) -> str:
    value = parameter.default
    if value is None or value is False or value == () or callable(value) or "UNSET" in repr(value).upper():
        return ""
    return code(getattr(value, "value", value))


def _type(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(each.value for each in annotation)
    parts = getattr(annotation, "__args__", ())
    return (
        " ".join(map(_type, parts))
        if parts
        else {"str": "text", "float": "number"}.get(annotation.__name__, annotation.__name__).lower()
    )


def _parameter(parameter: Any) -> tuple[str, ...]:
    argument = parameter.param_type_name == "argument"
    shown = (
        parameter.metavar or parameter.name.upper()
        if argument
        else ", ".join((*parameter.opts, *parameter.secondary_opts))
    )
    kind = "" if getattr(parameter, "is_flag", False) else plain(_type(parameter.type_descriptor.annotation))
    more = ", may be repeated" if parameter.multiple or parameter.nargs == -1 else ""
    return (
        code(shown),
        ("argument" if argument else "option") + (", **required**" if parameter.required else "") + more,
        kind, _default(parameter), plain(parameter.help or ""),
    )  # fmt: skip


def _command(name: str, found: Any) -> str:
    rows = [_parameter(each) for each in found.params if each.name != "help"]
    head = ("name", "", "type", "default", "meaning 含义")
    return f"## {name}\n\n{plain(found.help or '')}\n\n" + (table(head, rows) if rows else "")


def pages() -> dict[str, str]:
    """One page."""
    exits = table(("exit code", "meaning", "含义"), [(code(number), en, zh) for number, en, zh in _EXITS])
    about = (
        "`--json` prints one JSON document on standard output and nothing else; messages go to standard error. "
        "`--lang zh|en`; without it the language of the system."
    )
    return {"commands": page("Command line 命令行", about, exits, *(_command(*each) for each in sorted(commands())))}
