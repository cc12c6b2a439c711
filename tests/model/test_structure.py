"""Structures: what a place looks like apart from names, and the places of a project that look alike."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model.test_segment import ROUNDING

from foretype.model import mixture, postings, segment
from foretype.model.native import as_bytes, library, pointer, shape
from foretype.model.predictor import Predictor, Shares
from foretype.model.segment import Mask, Segment

BOTH, STRUCTURE = 5, 7
SKIPPED_WORD, TWO_LINES, LAST_TOKENS, LINE_KIND = range(4)
SIGNS = b"\x01"
"""A byte that begins a token after any other."""

FILES = [
    b"def area(width, height):\n    return width * height\n\n\ndef volume(base, depth):\n    return base * depth\n",
    b"class Shape:\n    def __init__(self, name):\n        self.name = name\n",
]
NEW = b"def mass(density, size):\n    return density * size\n"


def hashes_of(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return where tokens begin and the structures there."""
    array = as_bytes(text)
    found: dict[int, list[int]] = {}
    for structure in range(shape().structures):
        keys = np.zeros(library().ft_structure_count(pointer(array, np.uint8), len(array)), np.uint64)
        n = library().ft_structure_keys(pointer(array, np.uint8), len(array), structure, pointer(keys, np.uint64))
        for key in keys[:n].tolist():
            found.setdefault(key & 0xFFFFFFFF, [0] * shape().structures)[structure] = key >> 32
    places = sorted(found)
    hashes = np.array([found[place] for place in places], np.uint32)
    return np.array(places, np.uint32), hashes.reshape(-1, shape().structures)


def hashes_after(text: bytes) -> np.ndarray:
    """Return the structures of a token that begins after `text`."""
    hashes: np.ndarray = hashes_of(b"\0" + text + SIGNS)[1][-1]
    return hashes


def memory(texts: list[bytes], silent: int | None = None) -> list[tuple[Segment, Mask]]:
    built = segment.build([(str(number), text) for number, text in enumerate(texts)])
    return [(built, built.mask([] if silent is None else [built.files[silent]]))]


def expert(found: list[tuple[Segment, Mask]], text: bytes, which: int = STRUCTURE) -> np.ndarray:
    """Return what an expert gives every byte before each byte of a new document."""
    predictor = Predictor(mixture.shipped(), found)
    predictor.hold(b"")
    return np.exp(predictor.observe(predictor.start(b"", at_start=True), text, None).logs[:, which])


def test_names_do_not_matter_but_keywords_signs_and_lines_do() -> None:
    same, other_names = (
        hashes_after(b"total = sum(values)\nfor one in"),
        hashes_after(b"count = max(number)\nfor key in"),
    )
    assert (same[TWO_LINES], same[LAST_TOKENS]) == (other_names[TWO_LINES], other_names[LAST_TOKENS])
    for changed in (
        b"total = sum(values)\nfor one of",
        b"total = sum[values]\nfor one in",
        b"total = sum(\nfor one in",
    ):
        assert hashes_after(changed)[LAST_TOKENS] != same[LAST_TOKENS]
    assert hashes_after(b"print(\n  if a == b")[LINE_KIND] == hashes_after(b"foo(bar)\n  if a == b")[LINE_KIND]
    assert hashes_after(b"x.a = y")[SKIPPED_WORD] == hashes_after(b"x.a = z")[SKIPPED_WORD]
    assert hashes_after(b"x.a = y")[SKIPPED_WORD] != hashes_after(b"x.b = y")[SKIPPED_WORD]


def test_nothing_before_a_files_beginning_is_looked_at() -> None:
    assert not hashes_after(b"one")[[SKIPPED_WORD, TWO_LINES]].any()
    np.testing.assert_array_equal(hashes_of(b"\0other = text\n\0one" + SIGNS)[1][-1], hashes_after(b"one"))


def test_tokens_begin_after_signs_and_where_the_kind_of_byte_changes() -> None:
    text = b"if (a_1  ==\n    b):"
    assert hashes_of(text)[0].tolist() == [2, 3, 4, 7, 9, 10, 11, 16, 17, 18]


@given(
    st.lists(st.sampled_from(["\0", "\n", "\n\t ", "  ", "(", "é", "return", "name", "x" * 90, " " * 170]), max_size=90)
)
def test_a_file_read_once_has_the_structures_of_every_place_read_by_itself(parts: list[str]) -> None:
    text = b"\0" + "".join(parts).encode() + SIGNS
    array = as_bytes(text)
    for place, hashes in zip(*hashes_of(text), strict=True):
        alone = np.zeros(shape().structures, np.uint32)
        library().ft_structures(int(array.ctypes.data) + int(place), int(place), pointer(alone, np.uint32))
        assert hashes.tolist() == alone.tolist()


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=80), st.integers(1, 4))
def test_postings_are_sorted_by_hash_and_place_and_keep_the_newest(drawn: list[tuple[int, bool]], most: int) -> None:
    keys = [(number * 0x2F1A93C7 + high * 2**31) % 2**32 << 32 | place for place, (number, high) in enumerate(drawn)]
    array, spare = np.array(keys, np.uint64), np.zeros(len(keys), np.uint64)
    n = library().ft_postings_sort(pointer(array, np.uint64), pointer(spare, np.uint64), len(keys), most)
    left = [key for key in sorted(keys) if sum(other >> 32 == key >> 32 and other >= key for other in keys) <= most]
    assert array[:n].tolist() == left


def levels_of(whole: bytes, read: bytes) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """Return of each structure what follows and begins in `whole`, and how long it has been followed, the slow way."""
    places, hashes = hashes_of(whole)
    context = b"\0" + read
    begun = int(hashes_of(context + SIGNS)[0][-2]) if len(read) else 0
    levels = []
    for number in range(shape().structures):
        wanted = hashes_of(context + SIGNS)[1][-1][number]
        before = hashes_of(context[:begun] + SIGNS)[1][-1][number] if begun else 0
        begins = [place for place in places[hashes[:, number] == wanted] if wanted][-shape().candidates :]
        started = [place for place in places[hashes[:, number] == before] if before][-shape().candidates :]
        token = context[begun:]
        follows = [place + len(token) for place in started if whole[place : place + len(token)] == token]
        counted = [
            np.bincount([whole[place] for place in found if place < len(whole)], minlength=256).astype(float)
            for found in (follows, begins)
        ]
        levels.append((counted[0], counted[1], len(token)))
    return levels


def bucket(kind: int, counts: np.ndarray) -> int:
    total, distinct, top = counts.sum(), np.count_nonzero(counts), counts.max() / counts.sum()
    dominance = 0 if top > 0.95 else 1 if top > 0.8 else 2
    shapes = {1: 0, 2: 1 + dominance, 3: 4 + dominance, 4: 4 + dominance}
    form = shapes.get(int(distinct), (7 if dominance < 2 else 8) if distinct <= 9 else 9 + dominance)
    return (kind * 6 + min(int(math.log2(total)), 5)) * 12 + form


def refined(p: np.ndarray, texts: list[bytes], read: bytes) -> np.ndarray:
    """Refine `p` by what the structures say after `read`, the slow way; see native/refine.h."""
    lambdas = mixture.shipped().structure_lambdas
    last = read[-1:] or b"\0"
    word = np.array([bytes([b]).isalnum() or b == ord("_") or b >= 128 for b in range(256)])
    blank = np.isin(np.arange(256), [9, 32])
    after_word, after_blank = bool(word[last[0]]), last in b" \t\n"
    part = ~word if after_word else ~blank if after_blank else np.ones(256, bool)
    elsewhere = levels_of(b"\0" + b"".join(text + b"\0" for text in texts), read)
    here = levels_of(b"\0" + read, read)
    for number, (follows, begins, length) in [
        *reversed(list(enumerate(elsewhere))),
        *reversed(list(enumerate(here, shape().structures))),
    ]:
        if (after_word or after_blank) and follows.sum():
            chosen = lambdas[bucket(4 * number + (0 if length < 2 else 1 if length < 4 else 2), follows)]
            p = (1 - chosen) * p + chosen * follows / follows.sum()
        if begins.sum():
            chosen = lambdas[bucket(4 * number + 3, begins)]
            p = np.where(part, (1 - chosen) * p + chosen * p[part].sum() * begins / begins.sum(), p)
    return p


@pytest.mark.parametrize(
    "read",
    [NEW, b"class Name:\n    def __init__(self, depth):\n", b"  \n\n(a)", b"a = b;\n" * 5, b"fn(x, y)\nfn(z, y)\n" * 3],
)
def test_the_expert_refines_what_the_memories_say_by_the_places_that_look_alike(read: bytes) -> None:
    found = memory(FILES)
    base, p = expert(found, read + b"x", BOTH), expert(found, read + b"x")
    for end in range(len(read) + 1):
        np.testing.assert_allclose(p[end], refined(base[end], FILES, read[:end]), atol=1e-5)


def test_a_line_with_new_names_is_foreseen_by_its_structure() -> None:
    found = memory(FILES)
    base, p = expert(found, NEW, BOTH), expert(found, NEW)
    place = NEW.index(b" * size")
    assert p[place, ord(" ")] > base[place, ord(" ")]


TEXTS = st.lists(st.text("ab(\n =é", min_size=1, max_size=24).map(str.encode), min_size=1, max_size=3)


@given(TEXTS, TEXTS, st.integers(0, 2))
def test_a_silent_file_has_no_places(texts: list[bytes], others: list[bytes], place: int) -> None:
    silent = others[0]
    with_it = [*texts[:place], silent, *texts[place:]]
    for read in (silent, texts[0]):
        p = expert(memory(with_it, silent=len(texts[:place])), read)
        np.testing.assert_allclose(p, expert(memory(texts), read), atol=ROUNDING)


@given(
    TEXTS,
    st.lists(
        st.sampled_from([b"a = ", b"fn(b, c)\n", b"((((", "é".encode(), b"\n    ", b"long_name_of_it"]), max_size=14
    ),
)
def test_asking_anew_gives_what_reading_gave(texts: list[bytes], pieces: list[bytes]) -> None:
    text = b"".join(pieces) + b"x"
    reading = Predictor(mixture.shipped(), memory(texts))
    reading.hold(b"")
    rows = reading.read(reading.start(b"", at_start=True), text, None)
    for end in (len(text) // 2, len(text) - 1):
        asked = Predictor(mixture.shipped(), memory(texts))
        asked.hold(text[:end])
        lane = asked.start(text[:end], at_start=True)
        np.testing.assert_allclose(asked.mix(lane, None)[0], rows[end], atol=ROUNDING)


@given(TEXTS)
def test_the_distribution_sums_to_one_at_every_byte(texts: list[bytes]) -> None:
    for text in texts:
        np.testing.assert_allclose(expert(memory(texts), text).sum(axis=1, dtype=np.float64), 1, atol=2e-5)


def test_shares_move_down_the_gradient() -> None:
    rate, step = 0.1, 1e-2
    shipped = mixture.shipped()
    context, byte = NEW[:33], NEW[33:34]

    def cost(logits: np.ndarray) -> float:
        predictor = Predictor(replace(shipped, structure_logits=logits), memory(FILES))
        evidence = predictor.observe(predictor.start(context, at_start=True), byte, None)
        return -float(evidence.logs[0, STRUCTURE, byte[0]])

    shares = [Shares(a.copy(), np.zeros_like(a)) for a in (shipped.project_logits, shipped.document_logits)]
    shares.append(Shares(shipped.structure_logits.copy(), np.zeros_like(shipped.structure_logits)))
    predictor = Predictor(shipped, memory(FILES))
    predictor.teach(predictor.start(context, at_start=True), byte, shares, rate)
    moved = np.flatnonzero(shares[2].squares)
    assert len(moved) >= 2
    for index in moved:
        changed = [shipped.structure_logits.copy() for _ in range(2)]
        changed[0][index] -= step
        changed[1][index] += step
        slope = (cost(changed[1]) - cost(changed[0])) / (2 * step)
        expected = -rate * slope / math.sqrt(slope**2 + 1e-2)
        assert abs(shares[2].logits[index] - shipped.structure_logits[index] - expected) < 2e-3


def test_postings_that_do_not_fit_their_directory_are_refused() -> None:
    made = postings.build(as_bytes(b"\0" + FILES[0] + b"\0"))
    postings.check(made["places"], made["directory"])
    for places, directory in (
        (made["places"][:-1], made["directory"]),
        (made["places"], made["directory"][:-1]),
        (made["places"], np.full_like(made["directory"], 2**31)),
        (made["places"].astype(np.int64), made["directory"]),
    ):
        with pytest.raises(ValueError, match="postings"):
            postings.check(places, directory)


def test_wrong_numbers_in_postings_change_answers_and_nothing_else() -> None:
    made = memory(FILES)[0][0]
    draws = np.random.default_rng(0)
    for _ in range(60):
        places, directory = made.arrays["places"].copy(), made.arrays["directory"].copy()
        places[draws.integers(len(places), size=9)] = draws.integers(2**32, size=9)
        inside = 1 + draws.integers(1 << directory[0], size=4)  # of the first structure's, but not its end
        directory[inside] = draws.integers(2**32, size=4)
        postings.check(places, directory)
        damaged = Segment(made.files, made.arrays | {"places": places, "directory": directory})
        assert np.isfinite(expert([(damaged, damaged.mask(damaged.files[:1]))], NEW)).all()


def test_of_a_structure_that_is_everywhere_the_newest_places_are_kept() -> None:
    text = as_bytes(b"\0" + b"a;\n" * 500 + b"\0")
    made = postings.build(text)
    assert len(made["places"]) < len(text) / 2
    assert (made["places"] & (2**27 - 1)).max() >= len(text) - 4
