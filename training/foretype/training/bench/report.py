"""All figures of `foretype bench` in one run, and in words; ratios are of that run alone.

The network is the default shape with random weights where only speed counts, the base where it must foresee something.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from foretype.model import checkpoint
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.export import export
from foretype.model.network import Network
from foretype.model.registry import BASE_NAME, Registry
from foretype.training.bench import engine, memory, optimisation, server, suggestion
from foretype.training.bench.project import project

CONFIG = Config()

Figures = dict[str, dict[str, Any]]


def measure() -> Figures:
    """Return the figures of engine, server, key presses, suggestion, memory and training; takes about two minutes."""
    threads = torch.get_num_threads()
    training = optimisation.measure(CONFIG)
    torch.set_num_threads(1)  # the server has one thread as well
    try:
        torch.manual_seed(0)
        network = Network(CONFIG).eval()
        graph = export(CONFIG, network.weights())
        with TemporaryDirectory(prefix="foretype-bench-") as folder:
            model = Path(folder) / "model"
            checkpoint.save(model, CONFIG, network.weights(), graph, {})
            served, keystroke = server.measure(model, Path(folder))
            files = project()
            indexing = memory.measure(files, Path(folder))
        return {
            "engine": engine.measure(network, Engine(CONFIG, graph)),
            "server": served,
            "keystroke": keystroke,
            "suggestion": suggestion.measure(Registry.default().find(BASE_NAME).engine(), files),
            "memory": indexing,
            "training": training,
        }
    finally:
        torch.set_num_threads(threads)


def lines(figures: Figures) -> list[str]:
    """Return the figures in words."""
    one, served, key = figures["engine"], figures["server"], figures["keystroke"]
    whole, index, training = figures["suggestion"], figures["memory"], figures["training"]
    faster = training["kb_per_s"] / training["tutorial_kb_per_s"]
    of_product = training["gflop_per_s"] / training["product_gflop_per_s"]
    parts = ", ".join(
        f"{name} {whole[f'{name}_us'] / 1e3:.1f}" for name in ("engine", "mixture", "sampling", "open", "rest")
    )
    indexing = ", ".join(f"{name} {index[f'{name}_ms']:.0f}" for name in memory.PARTS)
    return [
        f"step            {one['step_us']:8.0f} us  ({one['torch_step_us'] / one['step_us']:.2f} x "
        f"torch's {one['torch_step_us']:.0f} us; {one['bound_us'] / one['step_us']:.0%} of the bound, "
        f"{one['weight_bytes'] / 1e6:.1f} MB at {one['stream_gb_per_s']:.1f} GB/s = {one['bound_us']:.0f} us)",
        f"four lanes      {one['step_4_lanes_us']:8.0f} us  ({one['step_4_lanes_us'] / one['step_us']:.2f} x one); "
        f"eight {one['step_8_lanes_us']:.0f} us",
        f"prefill         {one['prefill_us_per_byte']:8.0f} us per byte",
        f"initialize      {served['initialize_ms']:8.0f} ms from spawn",
        f"first answer    {served['first_suggestion_ms']:8.0f} ms from spawn",
        f"memory          {served['rss_mb']:8.0f} MB",
        f"key to answer   {key['p50_ms']:8.1f} ms p50, {key['p99_ms']:.1f} ms p99, all of it asked for by hand",
        f"  speculated    {key['speculated_p50_ms']:8.2f} ms p50; in {key['long_document_lines']:,} lines "
        f"{key['speculated_long_p50_ms']:.2f} ms ({key['speculated_long_p50_ms'] / key['speculated_p50_ms']:.2f} x)",
        f"suggestion      {whole['p50_ms']:8.1f} ms p50, {whole['p99_ms']:.1f} ms p99; caches evicted "
        f"{whole['evicted_p50_ms']:.1f} and {whole['evicted_p99_ms']:.1f} ms",
        f"  of that                 {parts} ms",
        f"indexing        {index['index_mb_per_s']:8.1f} MB/s from a folder to the disk; {index['build_mb_per_s']:.1f} "
        f"without files (suffix array alone {index['sort_mb_per_s']:.1f})",
        f"  of that                 {indexing} ms",
        f"training        {training['kb_per_s']:8.1f} kB/s  ({faster:.1f} x a tutorial's loop; {of_product:.0%} of a "
        f"product's {training['product_gflop_per_s']:.0f} GFLOP/s)",
    ]
