"""Provenance: a suggestion is traced to the file and line that resemble it most."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foretype.model import segment
from foretype.model.provenance import Source, source_of
from foretype.model.segment import Mask, Segment

FILES = [
    ("shop.py", b"import prices\n\ntotal = prices.sum_of(basket)\n"),
    ("bill.py", b"def bill(basket):\n    total = prices.sum_of(basket, tax)\n"),
]


def memory(*files: tuple[str, bytes], silent: str = "") -> list[tuple[Segment, Mask]]:
    built = segment.build(list(files))
    return [(built, built.mask([file for file in built.files if file.key == silent]))]


def test_the_place_with_the_longest_context_is_named_by_file_and_line() -> None:
    assert source_of(memory(*FILES), b"\n\ntotal = ", b"prices.sum_of(") == Source("shop.py", 3, 10)
    assert source_of(memory(*FILES), b"    total = ", b"prices.sum_of(") == Source("bill.py", 2, 12)
    assert source_of(memory(*FILES), b"x", b"basket, tax") == Source("bill.py", 2, 0)


def test_what_stands_nowhere_or_in_silent_files_only_has_no_source() -> None:
    assert source_of(memory(*FILES), b"total = ", b"prices.mean(") is None
    assert source_of(memory(*FILES, silent="bill.py"), b"(", b"basket, tax") is None


def test_the_newest_segment_wins_among_equals() -> None:
    two = [*memory(("old.py", b"x = 1\n")), *memory(("new.py", b"\nx = 1\n"))]
    assert source_of(two, b"x = ", b"1") == Source("new.py", 2, 4)


TEXTS = st.lists(st.text("ab\n ", min_size=1, max_size=30).map(str.encode), min_size=1, max_size=4)


@given(TEXTS, st.data())
def test_every_row_leads_to_the_byte_that_it_predicts(texts: list[bytes], data: st.DataObject) -> None:
    built = segment.build([(str(number), text) for number, text in enumerate(texts)])
    file = data.draw(st.sampled_from(built.files))
    offset = data.draw(st.integers(0, file.nbytes))
    row = int(built.rows_of(file)[offset])
    assert built.place_of(row) == (file, offset)
