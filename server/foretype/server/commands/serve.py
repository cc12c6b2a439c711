"""`foretype serve`: the language server."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foretype.model.errors import UserError
from foretype.model.named_path import NamedPath

if TYPE_CHECKING:
    from foretype.server.app import Server
    from foretype.server.daemon import DaemonConfig
    from foretype.server.engines import Engines
    from foretype.server.ledger import Ledger
    from foretype.server.stdio import MakeServer


# option -> the transports that it means something to
_USED_BY = {
    "--model": ("--stdio", "--tcp", "--ws"),
    "--token-file": ("--tcp", "--ws", "--connect"),
    "--allow-origin": ("--ws",),
    "--port-file": ("--tcp", "--ws"),
    "--max-connections": ("--tcp", "--ws"),
}


@click.command()
@click.option("--model", metavar="NAME|PATH", help="Model to serve; by default the current one.")
@click.option("--stdio", is_flag=True, help="Serve over standard input and output, as without any option.")
@click.option("--tcp", metavar="HOST:PORT", help="Serve any number of clients over TCP; port 0 is any free one.")
@click.option("--ws", metavar="HOST:PORT", help="Serve any number of clients over WebSocket.")
@click.option("--connect", metavar="HOST:PORT", help="Join standard input and output to a server started with --tcp.")
@click.option("--token-file", type=NamedPath(), help="Where the token is that every client must show.")
@click.option("--allow-origin", metavar="ORIGIN", multiple=True, help="Web page that may connect over WebSocket.")
@click.option("--port-file", type=NamedPath(readable=False), help="Write the address that is listened on here.")
@click.option("--max-connections", type=int, help="How many clients are served at once; 64 if left out.")
@click.option("--log-file", type=NamedPath(dir_okay=False, readable=False), help="Write the log to this file.")
@click.option("--clientProcessId", "client_process_id", type=int, hidden=True)  # VS Code's clients add it
def command(
    model: str | None,
    stdio: bool,
    tcp: str | None,
    ws: str | None,
    connect: str | None,
    token_file: Path | None,
    allow_origin: tuple[str, ...],
    port_file: Path | None,
    max_connections: int | None,
    log_file: Path | None,
    client_process_id: int | None,
) -> int:
    """Run the language server for one client over standard input and output, or for many over a port."""
    _check_usage(
        stdio,
        {"--tcp": tcp, "--ws": ws, "--connect": connect},
        {
            "--model": model,
            "--token-file": token_file,
            "--allow-origin": allow_origin or None,
            "--port-file": port_file,
            "--max-connections": max_connections,
        },
    )
    if connect is not None:
        return _serve_bridge(connect, token_file, client_process_id, log_file)
    shared = _Shared(model)
    make_server = shared.make_server
    address = ws if tcp is None else tcp
    try:
        if address is None:
            return _serve_stdio(make_server, log_file)
        config = _daemon_config(address, token_file, allow_origin, port_file, max_connections)
        serve_daemon = _serve_tcp if tcp is not None else _serve_websocket
        return serve_daemon(config, make_server, log_file)
    finally:
        shared.close()


def _check_usage(stdio: bool, transports: dict[str, str | None], options: dict[str, object]) -> None:
    """Refuse two transports at once, and options that the one chosen would ignore."""
    chosen = [name for name, address in transports.items() if address is not None]
    if len(chosen) > 1:
        raise UserError(f"choose one of {' and '.join(chosen)}")
    transport = chosen[0] if chosen else "--stdio"
    if stdio and transport in ("--tcp", "--ws"):
        raise UserError(f"choose one of --stdio and {transport}")
    for option, value in options.items():
        if value is not None and transport not in _USED_BY[option]:
            raise UserError(f"{option} is for {' and '.join(_USED_BY[option])}")


def _serve_stdio(make_server: MakeServer, log_file: Path | None) -> int:
    _start_logging(log_file)
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(
            "foretype: this waits for an editor on standard input; Ctrl-C ends it. See docs/editors.md", err=True
        )
    from foretype.server import stdio

    return stdio.serve(make_server)


def _serve_tcp(config: DaemonConfig, make_server: MakeServer, log_file: Path | None) -> int:
    _start_logging(log_file)
    from foretype.server import tcp

    return tcp.serve(config, make_server, _announce)


def _serve_websocket(config: DaemonConfig, make_server: MakeServer, log_file: Path | None) -> int:
    try:
        from foretype.server import websocket
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "websockets":
            raise
        raise UserError('--ws needs the package websockets: pip install "foretype[ws]"') from error
    _start_logging(log_file)
    return websocket.serve(config, make_server, _announce)


def _serve_bridge(connect: str, token_file: Path | None, client_process_id: int | None, log_file: Path | None) -> int:
    from foretype.server import access, bridge

    if connect.startswith("ws:"):
        raise UserError(f"--connect speaks TCP only, not WebSocket; got {connect}")
    address = access.Address.parse(connect)
    token = None if token_file is None else access.read_token(token_file)
    _start_logging(log_file)
    try:
        daemon = bridge.connect(address)
    except OSError as error:
        why = error.strerror or str(error)
        click.echo(f"foretype: nothing answers at {address} ({why}); is `foretype serve --tcp` running?", err=True)
        return 1
    return bridge.serve(daemon, token, client_process_id)


def _daemon_config(
    address: str,
    token_file: Path | None,
    allowed_origins: tuple[str, ...],
    port_file: Path | None,
    max_connections: int | None,
) -> DaemonConfig:
    from foretype.server import access
    from foretype.server.daemon import DEFAULT_MAX_CONNECTIONS, DaemonConfig

    return DaemonConfig(
        access.Address.parse(address).resolve(),
        None if token_file is None else access.read_token(token_file),
        allowed_origins,
        DEFAULT_MAX_CONNECTIONS if max_connections is None else max_connections,
        port_file,
    )


def _announce(url: str) -> None:
    click.echo(f"foretype: listening on {url}", err=True)


class _Shared:
    """Hold what the servers of all clients of this process share: the engine and the ledger."""

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._engines: Engines | None = None
        self._ledger: Ledger | None = None

    def make_server(self, parent_gone: Callable[[], None]) -> Server:
        """Return the server of one client; a model that does not exist raises UserError."""
        from foretype.model.registry import Registry
        from foretype.model.version import VERSION
        from foretype.server.app import Server
        from foretype.server.engines import Engines
        from foretype.server.ledger import Ledger

        if self._ledger is None or self._engines is None:
            if self._model is not None:
                Registry.default().find(self._model)  # a wrong name should end the start, not every answer
            self._ledger, self._engines = Ledger.default(), Engines(self._model)
        return Server(VERSION, self._engines.current, parent_gone, self._ledger)

    def close(self) -> None:
        """Write what the ledger still holds."""
        if self._ledger is not None:
            self._ledger.close()


def _start_logging(log_file: Path | None) -> None:
    try:
        handler = logging.FileHandler(log_file, encoding="utf-8") if log_file else logging.StreamHandler(sys.stderr)
    except OSError as error:
        raise UserError(f"--log-file {log_file} cannot be written ({error.strerror})") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # pygls logs whole messages, and with them the text of documents
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
