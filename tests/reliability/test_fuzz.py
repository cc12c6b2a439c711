"""Bytes of anybody's making, at every reader: what comes of them is an answer or the one error that may."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reliability.targets import Target, all_targets

_CHOICES = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)).map(bytes)
_SETTINGS = ("foretype", "eagerness", "maxBytes", "disabledLanguages")
_FILES = ("format", "config", "files", "segments", "project", "name", "gone", "cell", "n_layer", "complete", "folders")
_KEYS = st.sampled_from((*_SETTINGS, *_FILES, "roots", "key", "digest", "nbytes", "start", "row"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just("x" * 32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    return all_targets(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.filterwarnings("ignore:.*created on Python 2")  # numpy's guess at a header that was patched
@pytest.mark.parametrize("name", ["framing", "document", "settings", "model", "memory"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_bytes_bring_a_reader_down(targets: dict[str, Target], name: str, data: st.DataObject) -> None:
    written = _VALUES.map(lambda value: json.dumps(value).encode())
    content = data.draw(st.binary(max_size=200) | written)
    choices = data.draw(_CHOICES) if name in ("model", "memory") else b""
    targets[name](choices + content)
