"""What counts as repeated to the letter, and which excerpts are tried."""

from __future__ import annotations

from pathlib import Path

from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.tokens import excerpt_header
from foretype.training import shards
from foretype.training.base.memorised import CONTINUATION_BYTES, PROMPT_BYTES, excerpts, repeated
from foretype.training.base.streams import Library
from foretype.training.shards import ShardedText

PROMPT = (b"a network reads this " * 20)[:PROMPT_BYTES]


def greedy(engine: Engine, path: str) -> bytes:
    logits, state = engine.prefill(excerpt_header(header_of(path)) + PROMPT, engine.zero_state())
    written = bytearray()
    for _ in range(CONTINUATION_BYTES):
        written.append(int(logits[-1].argmax()))
        logits, state = engine.step([written[-1]], state)
    return bytes(written)


def test_only_what_the_network_writes_to_the_last_byte_is_repeated(tiny_engine: Engine) -> None:
    written = greedy(tiny_engine, "notes.txt")
    nearly = written[:-1] + bytes([written[-1] ^ 1])
    assert repeated(tiny_engine, [("notes.txt", PROMPT + written), ("notes.txt", PROMPT + nearly)]) == [True, False]


def test_excerpts_are_whole_and_from_documents_that_are_long_enough(tmp_path: Path) -> None:
    with shards.new_shards(tmp_path / "train") as writer:
        writer.add(ShardedText("short.py", "p", b"x = 1\n"))
        writer.add(ShardedText("long.py", "p", bytes(range(32, 127)) * 20))
    found = list(excerpts(Library(tmp_path / "train", {}, shortest=1), 20, seed=0))
    assert {path for path, _ in found} == {"long.py"}
    assert {len(text) for _, text in found} == {PROMPT_BYTES + CONTINUATION_BYTES}
    assert len({text for _, text in found}) > 1
