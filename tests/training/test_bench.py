"""The bench: the figures that others read are all there and make sense together."""

from __future__ import annotations

import pytest

from foretype.training.bench import clock, engine, optimisation, project, report, server, suggestion


def test_every_figure_of_the_contract_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {
        (clock, "RUNS"): 3,
        (clock, "WARM_UPS"): 1,
        (server, "WARM_UPS"): 1,
        (server, "_KEYS"): 4,
        (server, "_PAUSED_KEYS"): 4,
        (suggestion, "_SUGGESTIONS"): 2,
        (optimisation, "_RUNS"): 1,
        (project, "_PACKAGES"): ("json",),
    }
    for (module, name), value in fewer.items():
        monkeypatch.setattr(module, name, value)
    figures = report.measure()
    text = "\n".join(report.lines(figures))
    assert "x torch's" in text
    assert "kB/s" in text
    assert set(figures) == {"engine", "server", "keystroke", "suggestion", "memory", "training"}
    measured = figures["engine"]
    assert set(measured) == {
        "step_us",
        "step_4_lanes_us",
        "step_8_lanes_us",
        "prefill_us_per_byte",
        "torch_step_us",
        "weight_bytes",
        "stream_gb_per_s",
        "bound_us",
    }
    assert measured["bound_us"] == pytest.approx(measured["weight_bytes"] / measured["stream_gb_per_s"] / 1e3)
    assert set(figures["server"]) == {"initialize_ms", "first_suggestion_ms", "rss_mb"}
    assert figures["server"]["first_suggestion_ms"] > figures["server"]["initialize_ms"] > 0
    keystroke = figures["keystroke"]
    assert keystroke.pop("long_document_lines") == server._LONG_LINES
    kinds = ("", "speculated_", "speculated_long_")
    assert set(keystroke) == {f"{kind}{share}_ms" for kind in kinds for share in ("p50", "p99")}
    assert all(0 < keystroke[f"{kind}p50_ms"] <= keystroke[f"{kind}p99_ms"] for kind in kinds)
    assert all(value > 0 for group in ("memory", "training") for value in figures[group].values())


def test_the_weights_counted_are_those_a_step_reads() -> None:
    config = report.CONFIG
    matrices = config.gates * config.d_model * (config.d_embed + 3 * config.d_model)  # two layers
    assert engine.weight_bytes(config) == matrices + config.d_model * config.vocab_size
