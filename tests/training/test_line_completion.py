"""Lines finished and typed by a reader: right when it knows them, and only where there is something to finish."""

from __future__ import annotations

from foretype.training.batches import PlainText
from foretype.training.line_completion import cuts, finish_lines, type_greedily
from foretype.training.readers import MarkovCounts, MarkovReader, Reader

TEXT = b"def visit(names):\n    for name in names:\n        print(name)\n\n}\n" * 4
FILES = [PlainText(b"\xff", TEXT)]


def knows_it(_: bytes) -> Reader:
    return MarkovReader(MarkovCounts(8, [TEXT]))


def knows_nothing(_: bytes) -> Reader:
    return MarkovReader(MarkovCounts(0, [b"#"]))


def test_cuts_lie_within_lines_after_their_first_character_and_leave_something_to_finish() -> None:
    places = cuts(FILES, 200, seed=0)
    assert places
    for cut in places:
        line = cut.before.rpartition(b"\n")[2] + cut.rest
        assert line in TEXT.split(b"\n")
        assert len(cut.rest) >= 3
        assert cut.before.rpartition(b"\n")[2].strip()
    assert cuts(FILES, 5, seed=1) == cuts(FILES, 5, seed=1)


def test_files_without_a_line_worth_finishing_have_no_cuts() -> None:
    assert cuts([PlainText(b"\xff", b"a\n\n}\n")], 10, seed=0) == []


def test_a_reader_that_knows_the_text_finishes_its_lines_and_one_that_knows_nothing_does_not() -> None:
    places = cuts(FILES, 30, seed=0)
    good, bad = finish_lines(knows_it, places), finish_lines(knows_nothing, places)
    assert good.exact_match > 0.9
    assert good.edit_similarity > 0.95
    assert bad.exact_match == 0
    assert bad.edit_similarity < 0.5


def test_greedy_typing_saves_keys_only_where_the_reader_knows_the_text() -> None:
    assert type_greedily(knows_it, FILES, 200).saved_share > 0.3
    assert type_greedily(knows_nothing, FILES, 200).saved_share <= 0
