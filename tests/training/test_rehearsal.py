"""What a network writes to rehearse: its own distribution, and the same again for the same seed."""

from __future__ import annotations

from foretype.model.engine import Engine
from foretype.training.batches import PlainText
from foretype.training.evaluate import bits_per_byte
from foretype.training.rehearsal import rehearse


def test_the_same_seed_writes_the_same_text_and_another_seed_another(learnt_engine: Engine) -> None:
    first = rehearse(learnt_engine, 2000, seed=1)
    assert first == rehearse(learnt_engine, 2000, seed=1)
    assert first != rehearse(learnt_engine, 2000, seed=2)


def test_texts_open_with_headers_of_many_languages_and_are_as_long_as_asked(learnt_engine: Engine) -> None:
    texts = rehearse(learnt_engine, 7200, seed=0)
    assert len({text.header for text in texts}) > 10
    assert sum(len(text.text) for text in texts) == 7200


def test_a_network_predicts_its_own_writing_better_than_it_predicts_noise(learnt_engine: Engine) -> None:
    texts = rehearse(learnt_engine, 7200, seed=0)
    backwards = [PlainText(text.header, text.text[::-1]) for text in texts]
    assert bits_per_byte(learnt_engine, texts) < bits_per_byte(learnt_engine, backwards)


def test_no_text_holds_a_control_symbol(learnt_engine: Engine) -> None:
    assert max(max(text.text) for text in rehearse(learnt_engine, 7200, seed=0)) < 0xF5
