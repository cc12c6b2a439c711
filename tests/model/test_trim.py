"""Trimming: no circles, and nothing that stands right of the caret already."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model.trim import Place, before_loop, block, usable


def test_what_goes_round_in_circles_is_said_once() -> None:
    assert usable("the company of the company of the company of th", "") == "the company of "
    assert usable("x = foo.bar.foo.bar.foo.bar.foo", "") == "x = foo.bar."


@pytest.mark.parametrize("text", ["----------------", "0, 0, 0", "======== title", "", "for a in b: for c in d:"])
def test_rulers_short_lists_and_ordinary_text_are_no_circles(text: str) -> None:
    assert before_loop(text) == len(text)


@given(st.text("ab ("), st.text("abc", min_size=4, max_size=9), st.integers(3, 6))
def test_a_circle_of_any_length_and_place_is_found(before: str, passage: str, times: int) -> None:
    text = before + passage * times
    assert before_loop(text) <= len(before) + len(passage)


@pytest.mark.parametrize(
    ("text", "suffix", "offered"),
    [
        ("names: list[str]) -> None:", ")", "names: list[str]"),
        ("f(x), g(y)) + 1", ")", "f(x), g(y)"),
        ("a[0]] = b", "]", "a[0]"),
        ("name', 'x'", "')", "name"),
        ("it\\'s'", "'", "it\\'s"),
        ('key + "b', '"text"', 'key + "b'),
        ("value);", ");", "value"),
        ("value", "", "value"),
        ("red,", ", blue", "red"),
        ("an old one", "entity", "an old one"),
        ("the old ent", "entity", "the old "),
        ("return x", "  # why", "return x"),
    ],
)
def test_what_the_rest_of_the_line_closes_is_not_closed_again(text: str, suffix: str, offered: str) -> None:
    assert usable(text, suffix) == offered


@given(st.text("ab()[]'\" ", max_size=30), st.text("ab()[]'\" ", max_size=10))
def test_trimming_only_ever_takes_from_the_end(text: str, suffix: str) -> None:
    assert text.startswith(usable(text, suffix))


def test_a_block_ends_where_the_indentation_falls_below_the_carets() -> None:
    text = "if x:\n        y()\n\n    z()\ndef other():"
    assert block(text, "    ", "") == "if x:\n        y()\n\n    z()"
    assert block(text, "", "") == text


def test_on_a_line_that_is_still_blank_the_block_is_that_of_the_first_line_offered() -> None:
    assert block("    return total\n\n\ndef other():", "", "") == "    return total"
    assert block("  x()\n    y()\n  z()", "  ", "") == "  x()\n    y()"
    assert block("\n    x()\n  y()", "    ", "") == "\n    x()"


def test_a_block_ends_before_the_line_that_stands_below_already() -> None:
    assert block("a = 1\nb = 2\nc = 3", "", "\n\nb = 2\n") == "a = 1"
    assert block("a = 1", "", "a = 1") == "a = 1"


def test_a_line_that_has_its_body_below_gets_no_other() -> None:
    text = "if x:\n    y()\nz()"
    assert block(text, "", "\n        old()") == "if x:"
    assert block(text, "", "old()") == text


def test_a_block_never_ends_within_the_line_that_stands_below_already() -> None:
    place = Place("    total = 0", below="    for name in names:")
    assert not place.may_end("\n    for name")
    assert place.may_end("\n    for word")
    assert place.may_end("\n    count = 0")


def test_a_line_that_says_what_stands_below_is_not_offered() -> None:
    assert not Place("    ", below="    draw(graph)").may_end("draw(graph)")
    assert not Place("    dr", below="    draw(graph);").may_end("aw(graph)")
    assert not Place("    dr", below="    draw(graph)").may_end("aw(graph)\n    ")
    assert Place("    dr", below="    draw(graph)").may_end("aw(")
    assert Place("    dr", below="    draw(graph)").may_end("aw(tree)")
    assert Place("    ", below="        draw(graph)").may_end("draw(graph)")
    assert Place("", below="};").may_end("};")


def test_where_lines_are_alike_another_one_is_offered() -> None:
    assert Place("    dr", above="    draw(graph)").may_end("aw(graph)")
    assert Place("    dr", above="    draw(graph)", below="    draw(graph);").may_end("aw(graph)")


def test_text_that_stands_right_gets_no_indentation_of_another_line() -> None:
    assert Place("  ", "  name = 1").usable("  depth = 2") == ""
    assert Place("  ", "name = 1").usable("my_") == "my_"
    assert Place("x =", "(name)").usable(" f") == " f"


def test_a_line_that_the_rest_of_the_carets_makes_like_its_neighbour_is_not_offered() -> None:
    assert not Place("draw(", ")", below="draw(graph)").may_end("graph")
    assert Place("draw(", ", 1)", below="draw(graph)").may_end("graph")


@pytest.mark.parametrize(
    ("before", "text", "right", "offered"),
    [
        ("    .colour(", "names.Green)", "Yellow).", "names.Green"),
        ("f(g(", "x), y", " + 1)", "x), y"),
        ("f(g(", "x), y)", " + 1)", "x), y"),
        ("f(", "x) + g(y)", "; g(z)", "x) + g(y)"),
        ('import "github.', 'com/rivo/tview"', '/gdamore/tcell"', "com/rivo/tview"),
        ("it ", "isn't here", " and doesn't stay", "isn't here"),
        ("call('", "a', 'b", "c', 1)", "a"),
    ],
)
def test_what_is_closed_further_right_in_the_line_is_not_closed_before(
    before: str, text: str, right: str, offered: str
) -> None:
    assert usable(text, right, before) == offered


@pytest.mark.parametrize(
    ("text", "right", "offered"),
    [
        ("visualization import draw", " import graphviz_draw", "visualization "),
        ("array item(s) left unpacked,", "(s) left unpacked: baz", "array item"),
        ("self, name: str) ->", "self, name: str, value: object)", ""),
        ("earlier_jobs", " jobs", "earlier_jobs"),
        ("redo(x), undo", "do", "redo(x), undo"),
        ("a, b", ", c", "a, b"),
    ],
)
def test_a_text_ends_before_what_the_rest_of_the_line_begins_with(text: str, right: str, offered: str) -> None:
    assert usable(text, right) == offered
