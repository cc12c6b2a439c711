"""The baselines: knowing the project makes a text cheaper, and the figures are those of the compressors themselves."""

from __future__ import annotations

import lzma

import pytest
from tests.conftest import LEARNT_TEXT

from foretype.training import baselines

TEXT = LEARNT_TEXT.encode()


@pytest.mark.parametrize("name", ["ppmd_16", "ppmd_8", "xz", "markov_6"])
def test_a_text_like_the_project_is_cheaper_than_to_a_stranger(name: str) -> None:
    stranger, friend = baselines.all_of([b"unrelated\n" * 50]), baselines.all_of([TEXT, TEXT.replace(b"name", b"word")])
    assert friend[name](TEXT) < 0.5 * stranger[name](TEXT)
    assert friend[name](TEXT) >= 0


def test_xz_costs_what_the_archive_grows_by() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 64 << 20}]
    sizes = [len(lzma.compress(text, format=lzma.FORMAT_RAW, filters=filters)) for text in (TEXT, TEXT + b"new = 1\n")]
    assert baselines.xz(TEXT)(b"new = 1\n") == 8 * (sizes[1] - sizes[0])


def test_a_markov_chain_is_a_distribution() -> None:
    chain = baselines.markov(b"abcabcabd", order=2)
    total = sum(2 ** -chain(bytes([byte])) for byte in range(256))
    assert total == pytest.approx(1)
