"""Who may connect, and where to: addresses, tokens, origins.

A program of the same machine may do what its user may, so it may also connect over loopback; whoever comes from
elsewhere must show a token. A web page is neither: browsers tell its origin. Knows nothing of open sockets or messages.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
import socket
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from foretype.model.errors import UserError

MIN_TOKEN_CHARACTERS = 16
"""What cannot be guessed over a network."""

_TOKEN = re.compile(r"[!-~]+")  # what a header can carry
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Address:
    """Name a port of a host."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address that `HOST:PORT` names, with or without a scheme before it."""
        host, _, port = text.rpartition("://")[2].rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            raise UserError(f"an IPv6 address is written in brackets, as in [::1]:7777; got {text!r}")
        if not host or not (port.isascii() and port.isdigit()) or int(port) > 0xFFFF:
            raise UserError(f"expected HOST:PORT, as in 127.0.0.1:7777; got {text!r}")
        return cls(host, int(port))

    def resolve(self) -> Address:
        """Return the address in numbers; what is listened on must be what was checked."""
        if self.host == "localhost":  # IPv4 on every system; many resolve it to two addresses, in either order
            return Address("127.0.0.1", self.port)
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise UserError(f"{self.host} is no host of this network ({error})") from error
        return Address(str(found[0][4][0]), self.port)

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine reach it; a name that is not resolved is taken for one they do not."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def peer_name(peer: tuple[Any, ...] | None) -> str:
    """Return what the log calls the other end of a connection; None if it was gone before it could be asked."""
    return "a client" if peer is None else str(Address(*peer[:2]))


@dataclass(frozen=True, slots=True)
class Token:
    """Hold a secret that is never printed."""

    text: str = field(repr=False)

    def is_same(self, offered: object) -> bool:
        """Tell whether `offered` is the secret, in a time that says nothing of how much of it is right."""
        if not isinstance(offered, str):
            return False
        return hmac.compare_digest(self.text.encode(), offered.encode("utf-8", "surrogatepass"))


def read_token(path: Path) -> Token:
    """Return the token in a file that holds one line and that nobody but its owner may read."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the token file {path} cannot be read ({error})") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):  # Windows keeps no such bits
        raise UserError(f"the token file {path} can be read by others; say `chmod 600 {path}`")
    if len(text) < MIN_TOKEN_CHARACTERS or not _TOKEN.fullmatch(text):
        raise UserError(
            f"the token file {path} must hold one line of at least {MIN_TOKEN_CHARACTERS} letters, digits and signs"
        )
    return Token(text)


def is_origin_allowed(origin: str, allowed: Collection[str], *, on_loopback: bool) -> bool:
    """Tell whether a web page of this origin may connect; `on_loopback` when only this machine can reach the port."""
    return origin in allowed or (on_loopback and _is_loopback_origin(origin))


def _is_loopback_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _LOOPBACK_NAMES and parts.username is None and not parts.path
