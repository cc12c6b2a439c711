"""The mixture: distributions that sum to one, nothing known too early, every expert may be missing."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model.test_segment import FILES

from foretype.model import mixture, segment
from foretype.model.native import shape
from foretype.model.predictor import Predictor

MEMORY = segment.build(FILES)
OTHER = segment.build([("else.py", b"def visited(names, depth):\n    print(depth, names)\n" * 2)])
TEXT = b"def visit(names):\n    total = 0\n    for name in names:\n        print(total, name)\n"
PROJECT, HIGH, MIDDLE, LOW, FILE, BOTH, OTHERS, STRUCTURE = range(8)
ROUNDING = 2e-6

PIECES = st.lists(
    st.sampled_from([b"a", b"bc", b"for name in ", b"\n    ", b"(", "é".encode(), b"x = 1\n" * 9]), max_size=9
)


def logits_for(text: bytes, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (len(text), 256)).astype(np.float32)


def predictor(*, project: bool = True, document: bool = True, others: bool = True) -> Predictor:
    known, other = [(MEMORY, MEMORY.mask([]))], [(OTHER, OTHER.mask([]))]
    made = Predictor(mixture.shipped(), known if project else [], other if others else [])
    if document:
        made.hold(b"")
    return made


@pytest.mark.parametrize("project", [True, False])
@pytest.mark.parametrize("document", [True, False])
@pytest.mark.parametrize("network", [True, False])
@pytest.mark.parametrize("others", [True, False])
def test_every_distribution_sums_to_one_whichever_experts_there_are(
    project: bool, document: bool, network: bool, others: bool
) -> None:
    made = predictor(project=project, document=document, others=others)
    lane = made.start(b"", at_start=True)
    p = made.read(lane, TEXT, logits_for(TEXT) if network else None)
    assert p.min() > 0  # whatever no memory has seen can still come
    np.testing.assert_allclose(p.sum(axis=1, dtype=np.float64), 1, atol=1e-6)


def test_every_expert_sums_to_one_too() -> None:
    made = predictor()
    evidence = made.observe(made.start(b"", at_start=True), TEXT, logits_for(TEXT))
    sums = np.exp(evidence.logs.astype(np.float64)).sum(axis=2)
    np.testing.assert_allclose(sums, 1, atol=2e-5)  # 256 times what no logarithm may fall below


def test_other_projects_are_an_expert_of_their_own_and_change_no_count_of_this_one() -> None:
    rows = []
    for others in (True, False):
        made = predictor(others=others)
        rows.append(made.observe(made.start(b"", at_start=True), TEXT, None).logs)
    this_project = [PROJECT, HIGH, MIDDLE, LOW, FILE, BOTH, STRUCTURE]
    np.testing.assert_array_equal(rows[0][:, this_project], rows[1][:, this_project])
    place = TEXT.index(b"(names)") + 6
    assert np.exp(rows[0][place, OTHERS, ord(",")]) > np.exp(rows[1][place, OTHERS, ord(",")])


def test_the_mixture_is_the_gated_product_of_the_experts() -> None:
    sizes = shape()
    made = predictor()
    logits = logits_for(TEXT)
    evidence = made.observe(made.start(b"", at_start=True), TEXT, logits)
    again = predictor()
    p = again.read(again.start(b"", at_start=True), TEXT, logits)
    gate = mixture.shipped().gate
    cuts = np.cumsum([sizes.features * sizes.hidden, sizes.hidden, sizes.hidden * sizes.weights])
    into, into_bias, out, out_bias = np.split(gate.astype(np.float64), cuts)
    hidden = np.tanh(evidence.features @ into.reshape(sizes.features, sizes.hidden) + into_bias)
    weights = hidden @ out.reshape(sizes.hidden, sizes.weights) + out_bias
    scores = np.einsum("te,tes->ts", weights, evidence.logs.astype(np.float64))
    scores -= scores.max(axis=1, keepdims=True)
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(p, expected, atol=2e-5)


@pytest.mark.parametrize("cut", range(0, len(TEXT), 9))
def test_no_byte_is_known_before_it_was_scored(cut: int) -> None:
    noise = random.Random(cut).randbytes(len(TEXT) - cut)
    rows = []
    for text in (TEXT, TEXT[:cut] + noise):
        made = predictor()
        rows.append(made.read(made.start(b"", at_start=True), text, None)[: cut + 1])
    np.testing.assert_array_equal(rows[0], rows[1])


def test_reading_and_asking_give_the_same_distribution() -> None:
    whole = predictor()
    rows = whole.read(whole.start(b"", at_start=True), TEXT, None)
    for end in range(0, len(TEXT), 5):
        made = predictor()
        made.hold(TEXT[:end])
        lane = made.start(TEXT[:end], at_start=True)
        np.testing.assert_allclose(made.mix(lane, None)[0], rows[end], atol=ROUNDING)


@pytest.mark.parametrize("silent", [(), ("a.py",)])
def test_a_lane_starts_in_a_long_text_where_reading_all_of_it_leads(silent: tuple[str, ...]) -> None:
    copied = FILES[0][1]
    text = b"x = 1\n" * 30 + copied + b"y\n" + copied[:150]
    mask = MEMORY.mask([file for file in MEMORY.files if file.key in silent])

    def fresh(held: bytes) -> Predictor:
        made = Predictor(mixture.shipped(), [(MEMORY, mask)])
        made.hold(held)
        return made

    whole = fresh(b"")
    rows = whole.read(whole.start(b"", at_start=True), text, None)
    for end in range(20, len(text), 7):
        made = fresh(text[:end])
        lane = made.start(text[:end], at_start=True)
        np.testing.assert_allclose(made.mix(lane, None)[0], rows[end], atol=ROUNDING)


def test_a_lane_that_advances_is_where_a_fresh_one_would_start() -> None:
    made = predictor()
    made.hold(TEXT)
    lanes = np.repeat(made.start(TEXT, at_start=True), 2, axis=0)
    for one, other in zip(b"for na", b"x = 12", strict=True):
        made.mix(lanes, None)
        made.advance(lanes, [one, other])
    for number, added in enumerate((b"for na", b"x = 12")):
        fresh = made.start(TEXT + added, at_start=True)
        fresh_p, p = made.mix(fresh, None)[0], made.mix(lanes, None)[number]
        assert abs(fresh_p - p).max() < 0.02  # a draft is context, but not yet something to remember


@given(st.lists(st.tuples(PIECES, PIECES), min_size=1, max_size=6), PIECES)
def test_a_document_reached_by_edits_answers_as_one_opened_fresh(
    states: list[tuple[list[bytes], list[bytes]]], context: list[bytes]
) -> None:
    edited = predictor(project=False)
    for before, after in states:
        edited.hold(b"".join(before), b"".join(after))
    left_of, right_of = b"".join(states[-1][0]), b"".join(states[-1][1])
    fresh = predictor(project=False)
    fresh.hold(left_of, right_of)
    for text in (left_of, left_of + b"".join(context)):
        p = edited.mix(edited.start(text, at_start=True), None)
        np.testing.assert_array_equal(p, fresh.mix(fresh.start(text, at_start=True), None))


def test_what_stands_right_of_the_caret_is_remembered() -> None:
    made = predictor(project=False)
    made.hold(b"value = unusual_", b"\nother = unusual_name_of_a_thing\n")
    p = made.mix(made.start(b"value = unusual_", at_start=True), None)[0]
    assert p.argmax() == ord("n")
    made.hold(b"value = unusual_")
    assert made.mix(made.start(b"value = unusual_", at_start=True), None)[0].argmax() != ord("n")


def test_constants_of_another_shape_are_refused() -> None:
    good = mixture.shipped()
    with pytest.raises(ValueError, match="gate must be"):
        replace(good, gate=good.gate[:-1])
    with pytest.raises(ValueError, match="project_logits must be"):
        replace(good, project_logits=good.project_logits * np.float32("nan"))
