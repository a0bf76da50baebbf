"""``parkrisk audit``: whether the audit is whole, and a copy of it for those who keep their own."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parkrisk.api.cli import EXIT_OF_VERDICT, AsJson, Lang, Language, app
from parkrisk.api.commands.database import Database, TenantName, opened, require_server

if TYPE_CHECKING:
    from parkrisk.api.service.store.audit import Verified

audit_app = typer.Typer(help="Check and export the audit of the service. 审计记录的校验与导出。", no_args_is_help=True)
app.add_typer(audit_app, name="audit")

#: The audit is not whole, or a hash asked for does not stand in it.
EXIT_BROKEN = EXIT_OF_VERDICT["refuse"]

ExportedFile = Annotated[
    Path | None,
    typer.Argument(help="Exported audit; left out: the database. 导出的审计文件", metavar="[FILE.jsonl]"),
]
Hold = Annotated[
    str | None,
    typer.Option("--hold", help="Hash, as a decision prints it, that must stand in the audit. 须在其中的哈希值"),
]
OneTenant = Annotated[str | None, typer.Option("--tenant", help="Only this tenant; default: all. 仅此租户")]
Target = Annotated[
    Path | None, typer.Option("-o", "--output", dir_okay=False, help="File; default: standard output. 输出文件")
]


@audit_app.command("verify")
def verify_command(
    lang: Lang,
    file: ExportedFile = None,
    database: Database = None,
    tenant: OneTenant = None,
    hold: Hold = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether the audit was changed, cut, reordered or added to; exit code 3 where it was. 校验审计记录."""
    from parkrisk.api.cli import _print_json

    checked = _of_database(database, tenant, hold) if file is None else [_of_file(file, hold)]
    held = hold is None or any(each.held for each in checked)
    whole = all(each.broken is None for each in checked)
    if as_json:
        chains = [{**each._asdict(), "held": each.held} for each in checked]
        _print_json({"whole": whole, "held": held, "chains": chains})
    else:
        for each in checked:
            typer.echo(_said(each, lang))
        if not held:
            typer.echo("没有所要求的哈希值" if lang == "zh" else "the hash asked for does not stand in it")
    if not (whole and held):
        raise typer.Exit(EXIT_BROKEN)


@audit_app.command("export")
def export_command(database: Database = None, tenant: TenantName = "local", output: Target = None) -> None:
    """Write the audit of one tenant as lines of JSON. 导出审计记录."""
    with opened(database) as store, store.reading() as connection:
        from parkrisk.api.service.store import audit, tenants

        tenants.get_tenant(connection, tenant)
        lines = audit.export(connection, tenant)
        if output is None:
            sys.stdout.writelines(lines)
            return
        with output.open("w", encoding="ascii", newline="") as file:
            file.writelines(lines)


def _of_file(file: Path, hold: str | None) -> "Verified":
    require_server()
    from parkrisk.api.service.store.audit import verify_lines

    with file.open(encoding="ascii", errors="replace", newline="\n") as lines:
        return verify_lines(lines, hold=hold)


def _of_database(database: str | None, tenant: str | None, hold: str | None) -> list["Verified"]:
    with opened(database) as store, store.reading() as connection:
        from parkrisk.api.service.store import audit, tenants

        found = tenants.list_tenants(connection) if tenant is None else [tenants.get_tenant(connection, tenant)]
        return [audit.verify(connection, each.id, hold=hold) for each in found]


def _said(chain: Any, lang: Language) -> str:
    if chain.broken is not None:
        return (
            f"租户 {chain.tenant}：第 {chain.broken} 行起不可信"
            if lang == "zh"
            else f"tenant {chain.tenant}: not to be trusted from line {chain.broken} on"
        )
    return (
        f"租户 {chain.tenant}：完整，{chain.lines} 行，末尾 {chain.head}"
        if lang == "zh"
        else f"tenant {chain.tenant}: whole, {chain.lines} lines, head {chain.head}"
    )
