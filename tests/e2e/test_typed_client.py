"""The server under a client that is not ours: pytest-lsp's, with typed messages."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from foretype.model.registry import DATA_DIR_VARIABLE

NOWHERE = Path(tempfile.gettempdir()) / "foretype-no-such-folder"
URI = "file:///project/names.py"


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "foretype.server", "serve"],
        server_env={DATA_DIR_VARIABLE: str(NOWHERE)},
    )
)
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(
                text_document=types.TextDocumentClientCapabilities(
                    inline_completion=types.InlineCompletionClientCapabilities()
                )
            ),
            process_id=os.getpid(),
        )
    )
    yield
    await lsp_client.shutdown_session()


async def test_a_typed_client_gets_typed_answers(client: LanguageClient) -> None:
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(URI, "python", 1, "def ")))
    caret = types.Position(0, 4)
    answer = await client.text_document_inline_completion_async(
        types.InlineCompletionParams(
            context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
            text_document=types.TextDocumentIdentifier(URI),
            position=caret,
        )
    )
    assert isinstance(answer, types.InlineCompletionList)
