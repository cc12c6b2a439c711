"""docs/protocol.md names every message of the server, and all that `foretype/status` tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.server.wire import Wire

from foretype.model.engine import Engine
from foretype.server import extensions
from foretype.server.status import status

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
EXTENSIONS = [value for name, value in vars(extensions).items() if name.isupper() and isinstance(value, str)]


@pytest.mark.parametrize("method", EXTENSIONS)
def test_every_message_beyond_lsp_is_on_the_page(method: str) -> None:
    assert f"`{method}`" in PAGE


async def test_every_message_that_the_server_handles_is_on_the_page(tiny_engine: Engine) -> None:
    handled = set(Wire(tiny_engine).server.protocol.fm.features)
    assert len(handled) > 15
    assert [method for method in sorted(handled) if f"`{method}`" not in PAGE] == []


async def test_every_key_of_the_status_is_on_the_page(tiny_engine: Engine) -> None:
    told = status(Wire(tiny_engine).server)
    nested = {key for value in (told["notice"], told["model"], told["memory"]) for key in value}
    assert [key for key in (*told, *nested) if f"`{key}`" not in PAGE] == []


def test_every_field_beyond_lsp_of_a_request_for_suggestions_is_on_the_page() -> None:
    for field in ("textDocument.version", "partialResultToken", "formattingOptions", "editorPluginInfo"):
        assert f"`{field}`" in PAGE
