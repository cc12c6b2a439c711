"""The cached states: the state used for a prefix is the state of a fresh cache fed that prefix, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.conftest import random_weights, word_engine

from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.export import export
from foretype.model.state import State
from foretype.model.state_cache import BLOCK_BYTES, Reading, StateCache
from foretype.model.steps import Logits
from foretype.model.tokens import BEGIN, excerpt_header, header
from foretype.model.window import NETWORK, Prefix
from foretype.server.document import Change, Document, Position

SMALL = Config(n_layer=1, d_model=8, d_embed=4)
ENGINE = Engine(SMALL, export(SMALL, random_weights(SMALL)))
WORD_ENGINE = word_engine()
HEADER = header("src/app.py", "python")

CHARACTERS = ["a", "b", "the", " ", "\n", "\r\n", "\r", "\f", "\u2028", "é", "e\u0301", "中", "😀", "\ud83d"]
PIECES = st.lists(st.sampled_from(CHARACTERS), max_size=6).map("".join) | st.sampled_from(
    ["x = 1\n" * 40, "word " * 300, "\n"]
)


def read(engine: Engine, prefix: Prefix) -> Reading:
    return StateCache(engine, HEADER).read(prefix)


def assert_equal(one: Reading, other: Reading) -> None:
    np.testing.assert_array_equal(one.logits, other.logits)
    assert one.state.nbytes == other.state.nbytes
    for array, wanted in zip(one.state.arrays, other.state.arrays, strict=True):
        np.testing.assert_array_equal(array, wanted)


class Editing(RuleBasedStateMachine):
    """Edit one document in every way an editor does; read at the caret after each edit."""

    engine = ENGINE

    def __init__(self) -> None:
        super().__init__()
        self.document = Document("", version=0, encoding="utf-16")
        self.states = StateCache(self.engine, HEADER, budget_bytes=20_000)
        self.caret = Position(0, 0)
        self.undo: list[str] = []

    def change(self, start: Position, end: Position, text: str) -> None:
        self.undo.append(self.document.text)
        self.document.apply(Change(start, end, text))

    @rule(text=PIECES)
    def type_at_the_caret(self, text: str) -> None:
        self.change(self.caret, self.caret, text)
        *ended, last = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        column = (0 if ended else self.caret.character) + len(last.encode("utf-16-le", "surrogatepass")) // 2
        self.caret = Position(self.caret.line + len(ended), column)

    @rule(line=st.integers(0, 60), column=st.integers(0, 30))
    def jump(self, line: int, column: int) -> None:
        self.caret = Position(line, column)

    @rule(lines=st.integers(0, 3), columns=st.integers(0, 9), text=PIECES)
    def replace_a_range_before_the_caret(self, lines: int, columns: int, text: str) -> None:
        start = Position(max(0, self.caret.line - lines), max(0, self.caret.character - columns))
        self.change(start, self.caret, text)
        self.caret = start

    @rule(text=PIECES)
    def insert_at_the_top(self, text: str) -> None:
        self.change(Position(0, 0), Position(0, 0), text)

    @precondition(lambda self: self.undo)
    @rule()
    def take_back(self) -> None:
        self.document.replace(self.undo.pop())

    @invariant()
    def the_state_is_that_of_a_fresh_cache(self) -> None:
        prefix = self.document.prefix(self.caret)
        assert_equal(self.states.read(prefix), read(self.engine, prefix))

    @invariant()
    def the_prefix_is_what_a_fresh_document_would_give(self) -> None:
        fresh = Document(self.document.text, version=0, encoding="utf-16")
        assert fresh.prefix(self.caret) == self.document.prefix(self.caret)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


class EditingOfWords(Editing):
    """Do the same with a network of words, whose state depends on where a word was begun."""

    engine = WORD_ENGINE


TestEditingOfWords = EditingOfWords.TestCase
TestEditingOfWords.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


def test_typing_a_text_byte_by_byte_equals_reading_it_at_once(tiny_engine: Engine) -> None:
    text = b"for name, value in sorted(values.items()):\n    print(name)\n" * 3
    states = StateCache(tiny_engine, HEADER)
    for end in range(len(text) + 1):
        typed = states.read(Prefix.of(text[:end]))
        if end % 17 == 0 or end % BLOCK_BYTES in (0, 1, BLOCK_BYTES - 1):
            assert_equal(typed, read(tiny_engine, Prefix.of(text[:end])))


def test_a_key_costs_one_step_of_the_engine_and_an_undo_none(
    tiny_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[int] = []
    prefill = tiny_engine.prefill

    def watched(tokens: bytes, state: State) -> tuple[Logits, State]:
        fed.append(len(tokens))
        return prefill(tokens, state)

    monkeypatch.setattr(tiny_engine, "prefill", watched)
    states = StateCache(tiny_engine, HEADER)
    text = b"x" * (BLOCK_BYTES + 5)
    states.read(Prefix.of(text))
    fed.clear()
    states.read(Prefix.of(text + b"y"))
    assert fed == [1]
    fed.clear()
    states.read(Prefix.of(text))
    assert fed == []


def test_different_headers_and_texts_give_different_states(tiny_engine: Engine) -> None:
    prefix = Prefix.of(b"x = ")
    base = StateCache(tiny_engine, HEADER).read(prefix).logits
    assert not np.array_equal(base, StateCache(tiny_engine, header("a.go", "go")).read(prefix).logits)
    assert not np.array_equal(base, StateCache(tiny_engine, HEADER).read(Prefix.of(b"y = ")).logits)


def test_memory_stays_within_the_budget(tiny_engine: Engine) -> None:
    states = StateCache(tiny_engine, HEADER, budget_bytes=50_000)
    text = b"the quick brown fox\n" * (2 * NETWORK.farthest // 20)
    for end in range(0, len(text), 131):
        reading = states.read(Prefix.of(text[:end]))
        assert states.nbytes <= 50_000 + reading.nbytes


def test_the_network_is_told_whether_a_document_begins_here(
    tiny_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[bytes] = []
    prefill = tiny_engine.prefill

    def watched(tokens: bytes, state: State) -> tuple[Logits, State]:
        fed.append(tokens)
        return prefill(tokens, state)

    monkeypatch.setattr(tiny_engine, "prefill", watched)
    states = StateCache(tiny_engine, HEADER)
    line = b"the quick brown fox\n"
    states.read(Prefix.of(line))
    states.read(Prefix.of(line * (NETWORK.farthest // 10)))
    assert [tokens for tokens in fed if tokens[0] == BEGIN] == [HEADER, excerpt_header(HEADER)]
