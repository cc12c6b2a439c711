"""The bench: the figures that others read are all there and make sense together."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.training.bench import (
    client_counts,
    clock,
    corpus_sizes,
    curve_picture,
    document_counts,
    document_sizes,
    engine,
    optimisation,
    project,
    report,
    scale,
    server,
    suggestion,
)


def test_every_figure_of_the_contract_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {
        (clock, "RUNS"): 3,
        (clock, "WARM_UPS"): 1,
        (server, "_KEYS"): 4,
        (server, "_TURNS"): 2,
        (server, "_KEYS_OF_A_TURN"): 4,
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


def test_every_curve_is_measured_at_several_sizes_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {
        (document_sizes, "WARM_UPS"): 1,
        (document_sizes, "_LINES"): (3, 30, 90),
        (document_sizes, "_KEYS"): 4,
        (document_counts, "_COUNTS"): (1, 2, 6),
        (client_counts, "_MOST_CLIENTS"): 4,
        (client_counts, "_TOO_LONG_MS"): 1e9,
        (client_counts, "_WARM_UP_SECONDS"): 0.5,
        (client_counts, "_SECONDS"): 2.0,
        (corpus_sizes, "_MEGABYTES"): (0.01, 0.02, 0.06),
        (corpus_sizes, "_TYPED_BYTES"): 2_000,
        (corpus_sizes, "_SUGGESTIONS"): 2,
    }
    for (module, name), value in fewer.items():
        monkeypatch.setattr(module, name, value)
    for number in range(20):
        (tmp_path / f"{number}.py").write_text("".join(f"value_{line} = {number}\n" for line in range(150)))
    sizes = {}
    for curve in scale.measure(tmp_path, 0.5):
        sizes[curve.name] = [row[curve.size] for row in curve.rows]
        assert all(row[key] > 0 for row in curve.rows for _, keys in curve.panels for key in keys)
        assert curve.lines()[2].startswith(f"| {curve.size} |")
        assert curve_picture.draw(curve).startswith(b"\x89PNG")
    assert {name: len(found) for name, found in sizes.items()} == {
        "keystroke": 2, "documents": 2, "clients": 2, "memory": 2
    }  # fmt: skip
    assert all(found == sorted(found) for found in sizes.values())


def test_the_weights_counted_are_those_a_step_reads() -> None:
    config = report.CONFIG
    matrices = config.gates * config.d_model * (config.d_embed + 3 * config.d_model)  # two layers
    assert engine.weight_bytes(config) == matrices + config.d_model * config.vocab_size
