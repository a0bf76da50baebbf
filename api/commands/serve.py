"""``parkrisk serve``: the HTTP interface and the map page; standard output stays empty."""

import ipaddress
import os
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from parkrisk.api.cli import EXIT_FAULT, EXIT_INVALID_INPUT, _complain, app

if TYPE_CHECKING:
    from parkrisk.api.service.settings import Settings

#: Requests under way may take so long to end when the server is told to stop. [s]
_LEAVING = 20


@app.command("serve")
def serve_command(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one. 端口")] = 8000,
    host: Annotated[str, typer.Option("--host", help="Address to listen on. 监听地址")] = "127.0.0.1",
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Whether jobs run in this process. 是否在本进程运行任务")
    ] = True,
) -> None:
    """Serve the HTTP interface and the map page. 启动 HTTP 服务与地图页面."""
    try:
        import uvicorn

        from parkrisk.api.service.app import create_app
        from parkrisk.api.service.observing.logs import start_logging
        from parkrisk.api.service.settings import read_settings
    except ImportError as missing:
        _complain(
            f"HTTP 服务需要 {missing.name}：pip install 'parkrisk[server]'",
            f"the HTTP interface needs {missing.name}: pip install 'parkrisk[server]'",
        )
        raise typer.Exit(EXIT_FAULT) from None
    settings = read_settings()
    start_logging(settings)
    listening = _listen(host, port)
    with listening:
        _first_run(settings)
        if not (_is_loopback(host) or settings.behind_tls):
            _complain(
                f"警告：监听 {host}，密钥将以明文传输；请置于 TLS 代理之后并设置 PARKRISK_BEHIND_TLS=true",
                f"warning: on {host} keys travel unencrypted; put it behind a TLS proxy, set PARKRISK_BEHIND_TLS=true",
            )
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}/"

        class Server(uvicorn.Server):
            """Tells its address once it answers there."""

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    _complain(f"服务地址 {address}（Ctrl+C 停止）", f"serving on {address} (Ctrl+C stops it)")

        config = uvicorn.Config(
            create_app(settings, worker=worker),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_LEAVING,
        )
        server = Server(config)
        server.run(sockets=[listening])
        if not server.started:
            raise typer.Exit(EXIT_FAULT)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is opened; refuse in plain words when that fails."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        _complain(
            f"无法监听 {host}:{port}（{why}）；用 --port 换一个端口，0 为任意空闲端口",
            f"cannot listen on {host}:{port} ({why}); choose another with --port, 0 for any that is free",
        )
        raise typer.Exit(EXIT_INVALID_INPUT) from None
    return listening


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _first_run(settings: "Settings") -> None:
    """Bring the database up to date; where it has no tenant yet, make one and an administrator's key, shown once."""
    from parkrisk.api.service.identity.first import first_key
    from parkrisk.api.service.store.database import open_store

    store = open_store(settings.database)
    try:
        with store.begin() as connection:
            key = first_key(connection)
    finally:
        store.close()
    if key is not None:
        _complain(
            f"首次运行：管理员密钥（仅显示这一次，请妥善保存）\n{key}",
            "first run: the key of the administrator stands above; it is shown this once, so keep it",
        )
        sys.stderr.flush()
