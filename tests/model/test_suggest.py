"""Suggestions: what is offered, how much of it, and when nothing is."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from tests.conftest import LEARNT_TEXT, network_alone

from foretype.model import mixture, segment
from foretype.model.decode import Lane, decode
from foretype.model.engine import Engine
from foretype.model.reason import Reason
from foretype.model.sampling import Sampling, generator
from foretype.model.session import Session
from foretype.model.suggest import Answer, SuggestOptions, suggest, typed_of_word
from foretype.model.tokens import header
from foretype.model.trim import usable
from foretype.model.window import Prefix

HEADER = header("/project/names.py", "python")
GREEDY = Sampling(temperature=0)


def ask(engine: Engine, before: str, after: str = "", **options: object) -> Answer:
    session = Session(engine, HEADER, network_alone())
    return suggest(session, Prefix.of(before.encode()), after, SuggestOptions(**options))  # type: ignore[arg-type]


def text_up_to(end: str) -> str:
    return LEARNT_TEXT[: LEARNT_TEXT.index(end) + len(end)]


def test_a_text_learnt_by_heart_is_continued(learnt_engine: Engine) -> None:
    answer = ask(learnt_engine, text_up_to("for na"))
    assert answer.suggestions[0].text == "me in names:"
    assert 0.5 < answer.suggestions[0].probability <= 1
    assert answer.reason is None


def test_the_same_text_gets_the_same_answer_in_any_session(learnt_engine: Engine) -> None:
    asked = [ask(learnt_engine, text_up_to("total ="), asked=True, count=3, seed=4) for _ in range(3)]
    assert asked[0] == asked[1] == asked[2]


def test_a_suggestion_ends_with_a_word_and_before_the_line_ends(learnt_engine: Engine) -> None:
    for end in range(0, len(LEARNT_TEXT), 3):
        for suggestion in ask(learnt_engine, LEARNT_TEXT[:end], asked=True, max_bytes=20).suggestions:
            assert "\n" not in suggestion.text
            assert suggestion.text.strip()
            assert not suggestion.text[-1].isspace()
            assert len(suggestion.text.encode()) <= 20


@pytest.mark.parametrize(
    "line",
    [
        "हिन्दी भाषा में लिखना",
        "cafe\u0301 re\u0301sume\u0301 nai\u0308ve",
        "👩\u200d👩\u200d👧, 👩\u200d🚀!",
        "نمی\u200cشد",
    ],
)
def test_no_suggestion_ends_within_a_character_that_is_made_of_several(line: str) -> None:
    document = f"{line}\n" * 20
    session = Session(None, HEADER, mixture.shipped())
    for max_bytes in range(1, 40):
        options = SuggestOptions(asked=True, lanes=1, max_bytes=max_bytes)
        for suggestion in suggest(session, Prefix.of(document.encode()), "", options).suggestions:
            assert line.startswith(suggestion.text)
            rest = line[len(suggestion.text) :]
            assert not suggestion.text.endswith("\u200d")
            assert not rest or unicodedata.category(rest[0]) not in {"Mn", "Mc", "Cf"}


def test_a_word_goes_on_at_an_accent_of_its_own(learnt_engine: Engine) -> None:
    assert ask(learnt_engine, "cafe", "\u0301s").reason is Reason.MID_WORD
    assert typed_of_word(Prefix.of("re\u0301su".encode())) == 5


def test_several_lines_are_offered_where_they_are_wanted_and_nothing_stands_right(learnt_engine: Engine) -> None:
    before = text_up_to("def count(names: list[str]) -> int:")
    found = ask(learnt_engine, before, asked=True, lanes=1, lines=3, max_bytes=40).suggestions[0].text
    assert LEARNT_TEXT[len(before) :].startswith(found)
    assert 1 <= found.count("\n") < 3
    assert ask(learnt_engine, before, asked=True, lanes=1).reason is Reason.NOTHING_TO_ADD
    inside = ask(learnt_engine, text_up_to("def count("), ")", asked=True, lines=3)
    assert all("\n" not in one.text for one in inside.suggestions)


def test_the_indentation_that_comes_with_a_line_end_saves_no_key(learnt_engine: Engine) -> None:
    before = text_up_to("def count(names: list[str]) -> int:")
    found = ask(learnt_engine, before, asked=True, lanes=1, lines=3, max_bytes=40).suggestions[0]
    keys = len("\n".join(line.lstrip() for line in found.text.split("\n")))
    assert keys < len(found.text)
    assert found.saving == pytest.approx(found.confidence * (keys - 1) - (1 - found.confidence) * 2)


def test_no_line_is_offered_that_stands_just_below_already_but_among_its_like() -> None:
    def offered(before: str, after: str) -> list[str]:
        session = Session(None, HEADER, mixture.shipped())
        answer = suggest(session, Prefix.of(before.encode()), after, SuggestOptions(asked=True, count=4))
        return [one.text for one in answer.suggestions]

    lines, line = "go(tree)\n    draw(tree)\n" * 9 + "go(tree)\n    dr", "    draw(tree)\n"
    assert "aw(tree)" in offered(lines, "")
    assert "aw(tree)" not in offered(lines, "\n\n" + line)
    assert "aw(tree)" in offered(line * 9 + "    dr", "\n" + line)


@pytest.mark.parametrize("after", [": dict) -> None:", "(x)", "[0]", " -> int:"])
def test_no_suggestion_ends_with_what_stands_right_of_the_caret(learnt_engine: Engine, after: str) -> None:
    for end in range(0, len(LEARNT_TEXT), 3):
        for suggestion in ask(learnt_engine, LEARNT_TEXT[:end], after, asked=True, count=4).suggestions:
            assert usable(suggestion.text, after) == suggestion.text


def test_what_stands_right_of_the_caret_is_not_offered_again(learnt_engine: Engine) -> None:
    before = text_up_to("def visit(na")
    assert ask(learnt_engine, before).suggestions[0].text.startswith("mes: list[str]) ->")
    assert ask(learnt_engine, before, ") -> None:", max_bytes=14).suggestions[0].text == "mes: list[str]"
    assert not ask(learnt_engine, text_up_to("print("), ")", asked=True).suggestions[0].text.endswith(")")


def test_at_the_end_of_a_line_there_is_nothing_to_add_even_when_asked(learnt_engine: Engine) -> None:
    answer = ask(learnt_engine, text_up_to("for name in names:"), asked=True, lanes=1)
    assert answer == Answer(reason=Reason.NOTHING_TO_ADD)


def test_nothing_is_offered_inside_a_word_unless_asked_for(learnt_engine: Engine) -> None:
    before = text_up_to("for na")
    assert ask(learnt_engine, before, "mes").reason is Reason.MID_WORD
    assert ask(learnt_engine, before, "mes", asked=True).suggestions


def test_an_untrained_network_is_silent_even_when_asked(tiny_engine: Engine) -> None:
    answer = ask(tiny_engine, "import ", eagerness=0.0)
    assert answer == Answer(reason=Reason.BELOW_EAGERNESS)
    assert ask(tiny_engine, "import ", asked=True, max_bytes=200).reason is Reason.BELOW_EAGERNESS  # that is noise


def test_more_eagerness_never_offers_less(learnt_engine: Engine) -> None:
    for end in range(5, len(LEARNT_TEXT), 11):
        counts = [
            len(ask(learnt_engine, LEARNT_TEXT[:end], eagerness=eagerness).suggestions) for eagerness in (0.0, 0.5, 1.0)
        ]
        assert counts == sorted(counts)


def test_several_suggestions_differ_and_the_best_comes_first(learnt_engine: Engine) -> None:
    found = ask(learnt_engine, "def ", asked=True, count=4, lanes=16, sampling=Sampling(2.0, 0.0)).suggestions
    assert len(found) > 1
    assert len({one.text for one in found}) == len(found)
    assert [one.saving for one in found] == sorted((one.saving for one in found), reverse=True)


@pytest.mark.parametrize("end", range(0, len(LEARNT_TEXT), 17))
def test_what_stands_below_changes_nothing_unless_both_sides_are_to_be_read(learnt_engine: Engine, end: int) -> None:
    draws = np.random.default_rng(end)
    noise = "".join(chr(value) for value in draws.integers(32, 127, 200))
    before = LEARNT_TEXT[:end]
    alone = ask(learnt_engine, before, "", asked=True, both_sides=False)
    assert ask(learnt_engine, before, "\n" + noise, asked=True, both_sides=False) == alone


@pytest.mark.parametrize("end", range(5, len(LEARNT_TEXT), 43))
def test_with_all_memories_too_noise_right_of_the_caret_changes_nothing(learnt_engine: Engine, end: int) -> None:
    known = segment.build([("names.py", LEARNT_TEXT.encode())])
    draws = np.random.default_rng(end)
    answers = []
    for after in ("", "\n" + "".join(chr(value) for value in draws.integers(32, 127, 300))):
        session = Session(learnt_engine, HEADER, mixture.shipped(), [(known, known.mask([]))])
        options = SuggestOptions(asked=True, both_sides=False)
        answers.append(suggest(session, Prefix.of(LEARNT_TEXT[:end].encode()), after, options))
    assert answers[0] == answers[1]


def test_a_document_whose_suggestions_were_wrong_gets_the_same_ones_but_hears_less_of_them(
    learnt_engine: Engine,
) -> None:
    before = text_up_to("def visit(na")
    answers = []
    for bias in (0.0, -2.0):
        session = Session(learnt_engine, HEADER, network_alone())
        session.record.bias = bias
        asked, offered = (
            suggest(session, Prefix.of(before.encode()), "", SuggestOptions(asked=asked, eagerness=0.3))
            for asked in (True, False)
        )
        answers.append((asked.suggestions[0].text, asked.suggestions[0].confidence, offered.suggestions))
    assert answers[0][0] == answers[1][0]
    assert answers[0][1] > answers[1][1]
    assert len(answers[0][2]) >= len(answers[1][2])


def test_a_cancelled_request_ends_without_an_answer(learnt_engine: Engine) -> None:
    session = Session(learnt_engine, HEADER, network_alone())
    answers = iter([False, False, True])
    cancelled = lambda: next(answers, True)  # noqa: E731
    answer = suggest(session, Prefix.of(b"def "), "", SuggestOptions(), cancelled)
    assert answer == Answer(reason=Reason.CANCELLED)


def test_when_it_is_late_the_best_found_so_far_is_offered(learnt_engine: Engine) -> None:
    session = Session(learnt_engine, HEADER, network_alone())
    steps = iter([False] * 6)
    prefix = Prefix.of(text_up_to("for na").encode())
    answer = suggest(session, prefix, "", SuggestOptions(asked=True), late=lambda: next(steps, True))
    assert "me in names:".startswith(answer.suggestions[0].text)
    assert len(answer.suggestions[0].text) <= 7


def test_when_it_is_late_at_once_the_reason_is_told(learnt_engine: Engine) -> None:
    session = Session(learnt_engine, HEADER, network_alone())
    prefix = Prefix.of(text_up_to("for na").encode())
    answer = suggest(session, prefix, "", SuggestOptions(eagerness=0), late=lambda: True)
    assert answer == Answer(reason=Reason.DEADLINE)


def test_a_key_is_never_offered_not_even_the_rest_of_one() -> None:
    line = 'client = connect("' + "ghp_" + 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")\n'
    for end in (line.index("p_"), line.index("k1L2")):
        session = Session(None, HEADER, mixture.shipped())
        answer = suggest(
            session, Prefix.of(((line + "client.close()\n") * 4 + line[:end]).encode()), "", SuggestOptions(asked=True)
        )
        assert answer == Answer(reason=Reason.KEY_SHAPED)


def test_supposing_that_something_is_typed_leaves_no_trace_in_the_record(learnt_engine: Engine) -> None:
    session = Session(learnt_engine, HEADER, network_alone())
    prefix = Prefix.of(text_up_to("for na").encode())
    suggest(session, prefix, "", SuggestOptions())
    before = replace(session.record)
    with session.supposing():
        suggest(session, Prefix.of(prefix.tail + b"xyz"), "", SuggestOptions())
    assert session.record == before


def lanes_of(engine: Engine, before: str, samplings: list[Sampling], max_bytes: int = 48) -> list[Lane]:
    session = Session(engine, HEADER, network_alone())
    continuations = session.open(Prefix.of(before.encode()), "", len(samplings))
    return decode(continuations, samplings, max_bytes, generator(0, b""), lambda _: False)


def test_the_greedy_lane_is_the_likeliest_byte_at_every_step(learnt_engine: Engine) -> None:
    lane = lanes_of(learnt_engine, "def ", [GREEDY])[0]
    continuations = Session(learnt_engine, HEADER, network_alone()).open(Prefix.of(b"def "), "", 1)
    for token in lane.tokens:
        assert int(np.argmax(continuations.distributions()[0])) == token
        continuations.advance([token])


def test_a_lane_knows_its_own_probability(learnt_engine: Engine) -> None:
    for lane in lanes_of(learnt_engine, "for name", [GREEDY, Sampling(1.0), Sampling(1.5)]):
        assert len(lane.log_probabilities) == len(lane.tokens)
        assert all(np.diff([0.0, *lane.log_probabilities]) <= 1e-9)
        assert 0 < math.exp(lane.log_probability) <= 1


@pytest.mark.parametrize("max_bytes", range(1, 12))
def test_no_lane_ever_ends_within_a_character(tiny_engine: Engine, max_bytes: int) -> None:
    hot = [Sampling(temperature=5.0, min_p=0.0)] * 24
    for lane in lanes_of(tiny_engine, "é", hot, max_bytes):
        assert len(lane.tokens.decode("utf-8")) <= max_bytes
        assert len(lane.tokens) == len(lane.log_probabilities)


@pytest.mark.parametrize(
    ("name", "value"), [("eagerness", 1.5), ("count", 0), ("lanes", 0), ("max_bytes", 0), ("lines", 0)]
)
def test_a_wrong_option_dies_at_construction(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        SuggestOptions(**{name: value})  # type: ignore[arg-type]
