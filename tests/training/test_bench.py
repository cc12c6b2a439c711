"""The bench: the figures that others read are all there and make sense together."""

from __future__ import annotations

import pytest

from foretype.training import bench


def test_every_figure_of_the_contract_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_RUNS": 3, "_WARM_UPS": 1, "_KEYS": 4, "_PAUSED_KEYS": 4}.items():
        monkeypatch.setattr(bench, name, value)
    figures = bench.measure()
    assert set(figures) == {"engine", "server", "keystroke"}
    engine = figures["engine"]
    assert set(engine) == {
        "step_us",
        "step_4_lanes_us",
        "prefill_us_per_byte",
        "torch_step_us",
        "weight_bytes",
        "stream_gb_per_s",
        "bound_us",
    }
    assert engine["bound_us"] == pytest.approx(engine["weight_bytes"] / engine["stream_gb_per_s"] / 1e3)
    assert set(figures["server"]) == {"initialize_ms", "first_suggestion_ms", "rss_mb"}
    assert figures["server"]["first_suggestion_ms"] > figures["server"]["initialize_ms"] > 0
    keystroke = figures["keystroke"]
    assert keystroke.pop("long_document_lines") == bench._LONG_LINES
    kinds = ("", "speculated_", "speculated_long_")
    assert set(keystroke) == {f"{kind}{share}_ms" for kind in kinds for share in ("p50", "p99")}
    assert all(0 < keystroke[f"{kind}p50_ms"] <= keystroke[f"{kind}p99_ms"] for kind in kinds)


def test_the_weights_counted_are_those_a_step_reads() -> None:
    config = bench.CONFIG
    matrices = config.gates * config.d_model * (config.d_embed + 3 * config.d_model)  # two layers
    assert bench._weight_bytes(config) == matrices + config.d_model * config.vocab_size
