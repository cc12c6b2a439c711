"""Access: who may connect, and where to; the first message, in which a token travels."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model.errors import UserError
from foretype.server.access import Address, Token, is_origin_allowed, peer_name, read_token
from foretype.server.daemon import DaemonConfig
from foretype.server.handshake import WrongTokenError, admit, process_of, with_token

TOKEN = Token("correct-horse-battery")


def token_file(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(mode)
    return path


def initialize(options: object = None, **params: object) -> bytes:
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    return json.dumps({**message, "params": {"initializationOptions": options, **params}}).encode()


def options_of(body: bytes) -> object:
    return json.loads(body)["params"]["initializationOptions"]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:7777", "127.0.0.1", 7777),
        ("localhost:0", "localhost", 0),
        ("[::1]:65535", "::1", 65535),
        ("tcp://127.0.0.1:7777", "127.0.0.1", 7777),
        ("ws://[::1]:1", "::1", 1),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, host: str, port: int) -> None:
    assert Address.parse(text) == Address(host, port)


@pytest.mark.parametrize("text", ["", "7777", ":7777", "host:", "host:65536", "host:-1", "host:x", "::1:7777", "h:٣"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError, match="7777"):
        Address.parse(text)


@given(st.sampled_from(["127.0.0.1", "::1", "example.org"]), st.integers(0, 65535))
def test_an_address_that_was_printed_is_read_back(host: str, port: int) -> None:
    assert Address.parse(str(Address(host, port))) == Address(host, port)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1"])
def test_loopback_needs_no_token(host: str) -> None:
    assert DaemonConfig(Address(host, 0)).token is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "8.8.8.8", "example.org"])  # noqa: S104  # refused
def test_every_other_host_needs_a_token(host: str) -> None:
    with pytest.raises(UserError, match="--token-file"):
        DaemonConfig(Address(host, 0))
    assert DaemonConfig(Address(host, 0), TOKEN).token == TOKEN


def test_localhost_is_one_address_and_an_unknown_host_is_told() -> None:
    assert Address("localhost", 1).resolve() == Address("127.0.0.1", 1)
    assert Address("::1", 1).resolve() == Address("::1", 1)
    with pytest.raises(UserError, match="is no host"):
        Address("a" * 70, 1).resolve()


def test_a_peer_that_was_gone_before_it_could_be_asked_has_a_name_in_the_log_too() -> None:
    assert peer_name(("::1", 5, 0, 0)) == "[::1]:5"
    assert peer_name(None) == "a client"


def test_a_token_is_one_line_of_a_file(tmp_path: Path) -> None:
    assert read_token(token_file(tmp_path, "correct-horse-battery\n")) == TOKEN


@pytest.mark.parametrize("text", ["", "\n", "short", "x" * 15, "x" * 16 + "\n" + "y" * 16, "x" * 16 + " y", "ü" * 16])
def test_a_file_without_a_good_token_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="at least 16"):
        read_token(token_file(tmp_path, text))


def test_a_missing_token_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_token(tmp_path / "nowhere")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such bits")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UserError, match="chmod 600"):
        read_token(token_file(tmp_path, TOKEN.text, mode))


def test_a_token_is_never_printed_and_only_itself_is_the_same() -> None:
    assert TOKEN.text not in repr(TOKEN)
    assert TOKEN.text not in repr(DaemonConfig(Address("127.0.0.1", 0), TOKEN))
    assert TOKEN.is_same(TOKEN.text)
    for other in (None, "", 5, TOKEN.text[:-1], TOKEN.text + "x", "\udc80", [TOKEN.text]):
        assert not TOKEN.is_same(other)


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://localhost", "http://127.0.0.1:8080", "http://[::1]:1"]
)
def test_pages_of_this_machine_may_connect_if_only_it_can(origin: str) -> None:
    assert is_origin_allowed(origin, (), on_loopback=True)
    assert not is_origin_allowed(origin, (), on_loopback=False)
    assert is_origin_allowed(origin, (origin,), on_loopback=False)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://example.org",
        "http://localhost.example.org",
        "http://example.org#localhost",
        "http://localhost@example.org",
        "http://user@localhost",
        "http://127.0.0.1.example.org",
        "http://localhost:x",
        "file://localhost",
        "http://[::1",
    ],
)
def test_other_pages_may_connect_only_if_they_are_named(origin: str) -> None:
    assert not is_origin_allowed(origin, ("https://other.example.org",), on_loopback=True)
    assert is_origin_allowed(origin, (origin,), on_loopback=True)


options = st.none() | st.dictionaries(st.text().filter(lambda key: key != "token"), st.integers() | st.text())


@given(options)
def test_a_token_that_was_put_in_is_taken_out_again(given_options: dict[str, object] | None) -> None:
    shown = with_token(initialize(given_options), TOKEN)
    assert options_of(shown) == {**(given_options or {}), "token": TOKEN.text}
    admitted = admit(shown, TOKEN)
    assert options_of(admitted) == (given_options or {})
    assert TOKEN.text.encode() not in admitted


@pytest.mark.parametrize(
    "body",
    [
        initialize(),
        initialize({}),
        initialize({"token": TOKEN.text[:-1]}),
        initialize({"token": None}),
        initialize({"token": [TOKEN.text]}),
        initialize([TOKEN.text]),
        initialize({"foretype": {"token": TOKEN.text}}),
        b'{"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": {"initializationOptions": {"token": "%s"}}}'
        % TOKEN.text.encode(),
        b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": []}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "initialize"}',
        b'{"id": 1}',
    ],
)
def test_without_the_token_a_first_message_is_answered_with_an_error(body: bytes) -> None:
    with pytest.raises(WrongTokenError) as refusal:
        admit(body, TOKEN)
    answer = json.loads(refusal.value.answer)
    assert answer == {"jsonrpc": "2.0", "id": 1, "error": {"code": -32600, "message": "wrong token"}}


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"\xff", b"[" * 100_000, b'{"id": true}', b'{"id": 1.5}'])
def test_what_is_no_message_is_refused_without_an_id_and_goes_on_where_no_token_is_asked_for(body: bytes) -> None:
    with pytest.raises(WrongTokenError) as refusal:
        admit(body, TOKEN)
    assert json.loads(refusal.value.answer)["id"] is None
    assert admit(body, None) == body
    assert with_token(body, TOKEN) == body


def test_a_socket_clients_process_is_forgotten_because_it_may_be_of_another_machine() -> None:
    assert json.loads(admit(initialize(processId=77), None))["params"]["processId"] is None


def test_a_token_that_nobody_asked_for_is_no_setting() -> None:
    assert options_of(admit(initialize({"token": "x", "seed": 1}), None)) == {"seed": 1}


@pytest.mark.parametrize(("process", "found"), [(77, 77), (None, None), ("77", None), (0, None), (-1, None)])
def test_an_editors_process_is_found_in_its_first_message(process: object, found: int | None) -> None:
    assert process_of(initialize(processId=process)) == found
    assert process_of(b"nonsense") is None
