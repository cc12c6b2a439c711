"""A program between an editor and its server that keeps what the editor says: `python recorder.py FILE COMMAND...`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from foretype.server import translation
from foretype.server.document import Document
from foretype.server.framing import bodies


def record(file: Path, command: list[str]) -> int:
    """Run a server, keep a copy of what it is sent, and return its exit code."""
    server = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert server.stdin is not None
    with file.open("wb", buffering=0) as copy:
        while piece := os.read(sys.stdin.fileno(), 1 << 16):
            copy.write(piece)
            server.stdin.write(piece)
            server.stdin.flush()
    server.stdin.close()
    return server.wait()


def recorded(file: Path) -> dict[str, Document]:
    """Return the documents that come of what was recorded, in the state that a server has them in."""
    import json

    from lsprotocol import converters, types

    documents: dict[str, Document] = {}
    structure = converters.get_converter().structure
    pieces = iter([file.read_bytes()])
    for body in bodies(lambda: next(pieces, b"")):
        message = json.loads(body)
        params = message.get("params")
        match message.get("method"):
            case "textDocument/didOpen":
                opened = params["textDocument"]
                documents[opened["uri"]] = Document(opened["text"], opened["version"], "utf-8", opened["languageId"])
            case "textDocument/didChange":
                told = structure(params, types.DidChangeTextDocumentParams)
                document = documents[told.text_document.uri]
                assert told.text_document.version > document.version
                document.version = told.text_document.version
                for change in map(translation.change, told.content_changes):
                    if isinstance(change, str):
                        document.replace(change)
                    else:
                        document.apply(change)
            case "textDocument/didClose":
                del documents[params["textDocument"]["uri"]]
    return documents


if __name__ == "__main__":
    sys.exit(record(Path(sys.argv[1]), sys.argv[2:]))
