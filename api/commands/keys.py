"""``parkrisk keys``: API keys of the service, made and revoked where it runs."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Lang, app
from parkrisk.api.commands.database import Database, TenantName, opened

keys_app = typer.Typer(help="Make, list and revoke API keys of the service. 服务的 API 密钥。", no_args_is_help=True)
app.add_typer(keys_app, name="keys")

#: Who stands in the audit for what is done here.
_WHO = "parkrisk keys"


class RoleName(StrEnum):
    """Roles, named here so that help needs nothing of the server."""

    reader = "reader"
    officer = "officer"
    assessor = "assessor"
    approver = "approver"
    admin = "admin"


@keys_app.command("create")
def create_command(
    lang: Lang,
    role: Annotated[RoleName, typer.Option("--role", help="What the key may do. 角色")],
    name: Annotated[str, typer.Option("--name", help="Whose key it is. 名称")],
    tenant: TenantName = "local",
    days: Annotated[int | None, typer.Option("--days", min=1, max=36500, help="Days it is valid. 有效天数")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and the tenant where there is none; it is printed once and never stored. 新建密钥."""
    from parkrisk.api.cli import _print_json

    with opened(database, make=True) as store:
        from parkrisk.api.service.identity.keys import new_key
        from parkrisk.api.service.store import audit, keys, tables, tenants

        made = new_key()
        expires = None if days is None else tables.time_text(dt.datetime.now(dt.UTC) + dt.timedelta(days=days))
        with store.begin() as connection:
            tenants.ensure_tenant(connection, tenant, tenant)
            kept = keys.create_key(
                connection,
                tenant,
                made.id,
                role=role,
                name=name,
                secret_hash=made.secret_hash,
                expires=expires,
                created_by=_WHO,
            )
            entry = {"what": "key.created", "who": _WHO, "key_id": made.id, "key_role": role, "key_name": name}
            audit.append(connection, tenant, entry)
    if as_json:
        _print_json({**_shown(kept), "key": made.text})
        return
    typer.echo(made.text)
    once = "请立即保存，此后不再显示" if lang == "zh" else "keep it now: it is not shown again"
    typer.echo(once, err=True)


@keys_app.command("list")
def list_command(lang: Lang, tenant: TenantName = "local", database: Database = None, as_json: AsJson = False) -> None:
    """List the keys of a tenant, without their secrets. 列出密钥."""
    from parkrisk.api.cli import _print_json

    with opened(database) as store, store.reading() as connection:
        from parkrisk.api.service.store import keys, rows, tenants

        tenants.get_tenant(connection, tenant)
        found = [_shown(key) for key in rows.all_pages(keys.list_keys, connection, tenant)]
    if as_json:
        _print_json({"keys": found})
        return
    from parkrisk.api.printed.keys import show_keys

    show_keys(found, lang)


@keys_app.command("revoke")
def revoke_command(
    key_id: Annotated[str, typer.Argument(help="Id of the key. 密钥编号", metavar="KEY_ID")],
    lang: Lang,
    tenant: TenantName = "local",
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """End a key for good. 撤销密钥."""
    from parkrisk.api.cli import _print_json

    with opened(database) as store:
        from parkrisk.api.service.store import audit, keys

        with store.begin() as connection:
            before = keys.get_key(connection, tenant, key_id)
            after = keys.revoke_key(connection, tenant, key_id)
            if before.revoked is None:
                audit.append(connection, tenant, {"what": "key.revoked", "who": _WHO, "key_id": key_id})
    if as_json:
        _print_json(_shown(after))
    else:
        typer.echo(f"已撤销 {key_id}" if lang == "zh" else f"revoked {key_id}")


def _shown(key: Any) -> dict[str, Any]:
    return {name: value for name, value in key._asdict().items() if name != "secret_hash"}
