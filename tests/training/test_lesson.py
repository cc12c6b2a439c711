"""What the lesson measures: pupils that see the same bytes, units that follow what they are said to follow."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import LEARNT_TEXT

from foretype.model.engine import Engine
from foretype.training.corpus import read
from foretype.training.lesson.code_picture import draw
from foretype.training.lesson.hidden_units import closest, features, outputs, signed
from foretype.training.lesson.pictures import curves, distributions, repeats
from foretype.training.lesson.small_networks import carried_and_not, cells, ratio

CODE = "def f(x):\n    return [x, 'a(b']\n"


def test_features_say_where_strings_brackets_and_indentation_are() -> None:
    found = {name: "".join(str(int(value)) for value in values) for name, values in features(CODE).items()}
    assert found["strings"] == "0" * 25 + "1" * 5 + "00"
    assert found["brackets"] == "0" * 5 + "11" + "0" * 14 + "1" * 9 + "00"
    assert found["indentation"] == "0" * 9 + "1" * 5 + "0" * 17 + "1"


def test_a_units_outputs_are_those_of_the_state_after_each_character(tiny_engine: Engine) -> None:
    shown = outputs(tiny_engine, CODE)
    assert shown.shape == (len(CODE), tiny_engine.config.n_layer * tiny_engine.config.d_model)
    units = closest(tiny_engine, CODE * 3, CODE * 2)
    assert [unit.feature for unit in units] == ["strings", "brackets", "indentation"]
    assert all(-1 <= unit.correlation <= 1 for unit in units)
    for unit in units:
        turned = signed(shown, unit, features(CODE))
        assert np.corrcoef(turned, features(CODE)[unit.feature])[0, 1] >= 0


def test_pupils_read_the_same_bytes_whatever_their_cell_and_state(project: Path) -> None:
    known, held_out = read([project]).split()
    taught = list(cells(known.files, held_out.files, 8, 1.0))
    assert [pupil.name for pupil in taught] == ["rnn", "gru", "lstm"]
    streams, windows = carried_and_not(known.files, held_out.files, 8, 1.0, seq_len=16, seed=0)
    assert [seen for seen, _ in streams.curve] == [seen for seen, _ in windows.curve]
    found, (low, high) = ratio([windows], [streams])
    assert found == pytest.approx(sum(windows.bits) / sum(streams.bits))
    assert low <= found <= high
    assert curves({"streams": [streams, streams], "windows": [windows]}).rstrip().endswith("</svg>")


def test_pictures_are_the_same_whenever_they_are_drawn() -> None:
    def distribution() -> str:
        return distributions("a", {0.3: [byte / 32640 for byte in range(256)], 1.8: [1 / 256] * 256})

    assert distribution() == distribution()
    assert repeats({"T = 0": "ab" * 30, "T = 1": LEARNT_TEXT}) == repeats({"T = 0": "ab" * 30, "T = 1": LEARNT_TEXT})


def test_code_is_drawn_with_every_character_once_for_each_series() -> None:
    code = "if a < b:\n    c"
    picture = draw(
        code, {"one": np.linspace(-1, 1, len(code), dtype=np.float32), "two": np.zeros(len(code), np.float32)}
    )
    texts = [unescape(text) for text in re.findall("<text[^>]*>([^<]*)</text>", picture)]
    assert texts == ["one", "if a < b:", "    c", "two", "if a < b:", "    c"]
