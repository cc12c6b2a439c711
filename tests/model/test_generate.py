"""Plain sampling: as long as asked for, always valid text, the same for the same seed; greedy text cycles."""

from __future__ import annotations

import numpy as np
from tests.conftest import LEARNT_TEXT

from foretype.model.engine import Engine
from foretype.model.generate import generate
from foretype.model.sampling import Sampling
from foretype.model.tokens import START, allowed_tokens, header, utf8_transitions
from foretype.model.trim import before_loop


def text(engine: Engine, prompt: str, length: int, temperature: float, seed: int = 0) -> str:
    opening = header("/project/names.py", "python")
    return "".join(generate(engine, prompt, length, Sampling(temperature, 0.0), seed, opening))


def test_it_writes_exactly_as_many_characters_as_asked_for(tiny_engine: Engine) -> None:
    assert len(text(tiny_engine, "é", 60, temperature=3.0)) == 60


def test_the_same_seed_writes_the_same_text_and_another_does_not(tiny_engine: Engine) -> None:
    assert text(tiny_engine, "x", 40, 1.0, seed=1) == text(tiny_engine, "x", 40, 1.0, seed=1)
    assert text(tiny_engine, "x", 40, 1.0, seed=1) != text(tiny_engine, "x", 40, 1.0, seed=2)


def test_greedy_writing_recalls_what_was_learnt_and_ignores_the_seed(learnt_engine: Engine) -> None:
    start = LEARNT_TEXT[:40]
    written = text(learnt_engine, start, 22, temperature=0, seed=1)
    assert written == LEARNT_TEXT[40:62]
    assert written == text(learnt_engine, start, 22, temperature=0, seed=2)


def test_without_temperature_every_byte_is_the_likeliest_one(tiny_engine: Engine) -> None:
    opening = header("/project/names.py", "python")
    written = text(tiny_engine, "a", 30, temperature=0).encode()
    logits, _ = tiny_engine.prefill(opening + b"a" + written, tiny_engine.zero_state())
    situation = START
    for scores, byte in zip(logits[len(opening) :], written, strict=False):
        assert byte == np.where(allowed_tokens()[situation], scores, -np.inf).argmax()
        situation = int(utf8_transitions()[situation, byte])


def test_greedy_writing_of_a_finite_network_runs_into_a_cycle_which_the_detector_finds(tiny_engine: Engine) -> None:
    written = text(tiny_engine, "a", 600, temperature=0)
    tail = written[-200:]
    assert any(tail[period:] == tail[:-period] for period in range(1, 100))

    end = before_loop(written)
    assert end < 300
    assert before_loop(written[:end]) == end
