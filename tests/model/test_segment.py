"""A segment: what follows a context is counted exactly, silence is complete, and damage is noticed or harmless."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model import mixture, segment
from foretype.model.errors import CheckpointError
from foretype.model.predictor import Predictor
from foretype.model.segment import Segment

TEXTS = st.lists(st.text("ab(\n é", min_size=1, max_size=40).map(str.encode), min_size=1, max_size=5)

FILES = [
    ("a.py", b"def visit(names):\n    for name in names:\n        print(name)\n" * 3),
    ("b.py", b"def count(names):\n    return len(names)\n"),
    ("c.py", "# Größe 😀\nvalue = 1\n".encode()),
]

PROJECT, LONGEST_ORDER = 0, 32
ROUNDING = 2e-6
"""Single precision, some forty additions."""


def build(texts: list[bytes]) -> Segment:
    return segment.build([(str(number), text) for number, text in enumerate(texts)])


def project_expert(found: list[tuple[Segment, segment.Mask]], text: bytes) -> np.ndarray:
    """Return what the project's expert gives every byte before each byte of a new document."""
    predictor = Predictor(mixture.shipped(), found)
    evidence = predictor.observe(predictor.start(b"", at_start=True), text, None)
    return np.exp(evidence.logs[:, PROJECT])


def counted(texts: list[bytes], context: bytes) -> np.ndarray:
    """Count what follows `context`, the slow way; the first separator follows nothing."""
    whole = b"\0" + b"\0".join(texts) + b"\0"
    counts = np.zeros(256)
    for place in range(max(1, len(context)), len(whole)):
        if whole[place - len(context) : place] == context:
            counts[whole[place]] += 1
    return counts


def order_bucket(order: int, beyond: int) -> int:
    if order < 32:
        return next(
            i for i, low in reversed(list(enumerate([0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 16, 20, 24]))) if order >= low
        )
    length = order + max(beyond, 0)
    return next(i for i, low in reversed(list(enumerate([32, 33, 48, 96], 13))) if length >= low)


def expected(texts: list[bytes], read: bytes) -> np.ndarray:
    """Blend the counts of all orders, the slow way; see native/blend.h."""
    lambdas = mixture.shipped().project_lambdas
    context = b"\0" + read
    beyond = -1
    for end in range(len(context) + 1):
        long = end >= LONGEST_ORDER and counted(texts, context[end - LONGEST_ORDER : end]).any()
        beyond = beyond + 1 if long else -1
    p, left, last = np.zeros(256), 1.0, 0.0
    for order in range(min(LONGEST_ORDER, len(context)), -1, -1):
        counts = counted(texts, context[len(context) - order :])
        total = counts.sum()
        if total == last:
            continue
        last = total
        distinct, top = np.count_nonzero(counts), counts.max() / total
        dominance = 0 if top > 0.95 else 1 if top > 0.8 else 2
        shapes = {1: 0, 2: 1 + dominance, 3: 4 + dominance, 4: 4 + dominance}
        shape = shapes.get(int(distinct), (7 if dominance < 2 else 8) if distinct <= 9 else 9 + dominance)
        bucket = (order_bucket(order, beyond) * 13 + min(int(np.log2(total)), 12)) * 12 + shape
        p += left * lambdas[bucket] * counts / total
        left *= 1 - lambdas[bucket]
    return p + left / 256


@given(TEXTS, st.text("ab(\n é", max_size=12).map(str.encode))
def test_the_project_expert_is_the_blend_of_exact_counts(texts: list[bytes], read: bytes) -> None:
    found = build(texts)
    p = project_expert([(found, found.mask([]))], read + b"x")[len(read)]
    np.testing.assert_allclose(p, expected(texts, read), atol=1e-6)


def test_a_match_longer_than_the_longest_order_counts_as_longer() -> None:
    texts = [b"x = some_function_with_a_long_name(argument, another_argument, a_third_argument)\n"]
    found = build(texts)
    rows = project_expert([(found, found.mask([]))], texts[0])
    for end in range(0, len(texts[0]), 7):
        np.testing.assert_allclose(rows[end], expected(texts, texts[0][:end]), atol=1e-6)


@given(TEXTS, TEXTS, st.integers(0, 4), st.integers(0, 8))
def test_a_silent_file_answers_as_if_it_had_never_been_indexed(
    texts: list[bytes], others: list[bytes], place: int, repeat: int
) -> None:
    silent = others[0] * (1 + 12 * repeat)
    with_it = [*texts[:place], silent, *texts[place:]]
    whole, without = build(with_it), build(texts)
    mask = whole.mask([whole.files[len(texts[:place])]])
    for read in (silent, texts[0], b"".join(others)):
        left = project_expert([(whole, mask)], read)
        np.testing.assert_allclose(left, project_expert([(without, without.mask([]))], read), atol=ROUNDING)


def test_every_file_keeps_its_text_and_its_rows() -> None:
    found = segment.build(FILES)
    for file, (key, text) in zip(found.files, FILES, strict=True):
        assert (file.key, found.text_of(file)) == (key, text)
        codes = found.arrays["bwt"][found.rows_of(file)]
        assert found.arrays["symbol"][codes].tobytes() == text + b"\0"


def test_a_saved_segment_is_the_same_when_loaded(tmp_path: Path) -> None:
    made = segment.build(FILES)
    segment.save(made, tmp_path / "one")
    found = segment.load(tmp_path / "one")
    assert found.files == made.files
    for name, array in made.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)


@pytest.mark.parametrize("name", ["text", "bwt", "super", "block", "code", "symbol", "first"])
def test_an_array_that_is_cut_short_or_missing_is_refused(tmp_path: Path, name: str) -> None:
    segment.save(segment.build(FILES), tmp_path / "one")
    file = tmp_path / "one" / f"{name}.npy"
    array = np.load(file)
    np.save(file, array[:-1])
    with pytest.raises(CheckpointError, match="no whole segment"):
        segment.load(tmp_path / "one")
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(CheckpointError, match="no whole segment"):
        segment.load(tmp_path / "one")
    file.unlink()
    with pytest.raises(CheckpointError, match="no whole segment"):
        segment.load(tmp_path / "one")


def test_wrong_numbers_in_a_segment_change_answers_and_nothing_else() -> None:
    made = segment.build(FILES)
    draws = random.Random(1)
    for _ in range(60):
        arrays = {name: array.copy() for name, array in made.arrays.items()}
        name = draws.choice(["bwt", "super", "block", "first", "symbol"])
        flat = arrays[name].view(np.uint8).reshape(-1)
        for _ in range(8):
            flat[draws.randrange(len(flat))] = draws.randrange(256)
        damaged = Segment(made.files, arrays)
        p = project_expert([(damaged, damaged.mask(damaged.files[:1]))], FILES[0][1])
        assert np.isfinite(p).all()


def test_a_segment_holds_at_least_one_file_and_no_more_than_fits() -> None:
    with pytest.raises(ValueError, match="for one segment"):
        segment.build([])
