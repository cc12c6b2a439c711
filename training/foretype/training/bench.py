"""Measure engine and server on this machine; every figure is a median, ratios come from one run.

The network is the default shape with random weights: speed does not depend on what it learnt. One thread, as the
server uses. Knows nothing of how figures are shown.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
import torch
from torch import nn

from foretype.model import checkpoint
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.export import export
from foretype.model.network import Network
from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.model.state_cache import BLOCK_BYTES
from foretype.training.lsp_client import SERVER, LspClient

CONFIG = Config()

_WARM_UPS = 20
_RUNS = 300
_KEYS = 300
_PAUSED_KEYS = 150
_EDITOR_PAUSE_SECONDS = 0.05
"""How long VS Code waits after a key before it asks; others wait longer."""
_SHORT_LINES, _LONG_LINES = 100, 100_000
_URI = "file:///bench.py"
_LINE = 4
"""Where is typed: below as many lines that are all the same."""
_PATIENCE_SECONDS = 60.0
_TEXT = "    for name, value in sorted(values.items()):\n        print(name, value)\n"


def measure() -> dict[str, Any]:
    """Return the figures under `engine`, `server` and `keystroke`; takes about a minute."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = Network(CONFIG).eval()
    graph = export(CONFIG, network.weights())
    with TemporaryDirectory(prefix="foretype-bench-") as folder:
        model = Path(folder) / "model"
        checkpoint.save(model, CONFIG, network.weights(), graph, {})
        server, keystroke = _measure_server(model, Path(folder))
    return {"engine": _measure_engine(network, Engine(CONFIG, graph)), "server": server, "keystroke": keystroke}


def _measure_engine(network: Network, engine: Engine) -> dict[str, float]:
    one, four = engine.zero_state(), engine.zero_state(lanes=4)
    block = bytes(range(BLOCK_BYTES))
    weight_bytes = _weight_bytes(engine.config)
    stream = _stream_bytes_per_second(weight_bytes)
    return {
        "step_us": _median_us(lambda: engine.step([65], one)),
        "step_4_lanes_us": _median_us(lambda: engine.step([65, 66, 67, 68], four)),
        "prefill_us_per_byte": _median_us(lambda: engine.prefill(block, one)) / BLOCK_BYTES,
        "torch_step_us": min(_median_us(step) for step in _torch_steps(network)),
        "weight_bytes": weight_bytes,
        "stream_gb_per_s": stream / 1e9,
        "bound_us": weight_bytes / stream * 1e6,
    }


def _weight_bytes(config: Config) -> int:
    """Return the bytes of 8-bit weights that one step reads: the matrices, not the embedding's one row."""
    inputs = [config.d_embed, *[config.d_model] * (config.n_layer - 1)]
    recurrent = sum(config.gates * config.d_model * (width + config.d_model) for width in inputs)
    return recurrent + config.d_model * config.vocab_size


def _stream_bytes_per_second(nbytes: int) -> float:
    """Return how fast one core reads a block of this size again and again: the bound of any step."""
    block = np.random.default_rng(0).integers(0, 2**63, nbytes // 8, dtype=np.uint64)
    return block.nbytes / _median_us(lambda: np.bitwise_xor.reduce(block)) * 1e6


def _torch_steps(network: Network) -> list[Callable[[], object]]:
    """Return one step on the same weights in each of the ways that torch offers."""
    config = network.config
    state = network.zero_state(1)
    token = torch.tensor([65])
    cells = []
    for layer in range(config.n_layer):
        cell = nn.LSTMCell(config.d_embed if layer == 0 else config.d_model, config.d_model)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        cell.load_state_dict({name: getattr(network.rnn, f"{name}_l{layer}") for name in names})
        cells.append(cell)

    @torch.inference_mode()
    def whole() -> object:
        return network.step(token, state)

    @torch.inference_mode()
    def by_cells() -> object:
        hidden = network.embed(token)
        for layer, cell in enumerate(cells):
            hidden, _ = cell(hidden, (state[2 * layer], state[2 * layer + 1]))
        return network.head(hidden)

    return [whole, by_cells]


def _measure_server(model: Path, data_dir: Path) -> tuple[dict[str, float], dict[str, float]]:
    began = time.perf_counter()
    with LspClient((*SERVER, "--model", str(model)), {DATA_DIR_VARIABLE: str(data_dir)}, os.dup(2)) as client:
        client.initialize()
        initialize_ms = (time.perf_counter() - began) * 1e3
        # a line that stands there again and again is suggested whatever the network has learnt
        document = {"uri": _URI, "languageId": "python", "version": 1, "text": "value = compute(value)\n" * _LINE}
        client.notify("textDocument/didOpen", {"textDocument": document})
        while not _ask(client, 0):
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise UserError(f"the server made no suggestion within {_PATIENCE_SECONDS:.0f} s; see its log")
            time.sleep(0.005)
        first_ms = (time.perf_counter() - began) * 1e3
        keys = _type(client)
        short = _percentiles("speculated_", _type_with_pauses(client, _SHORT_LINES))
        long = _percentiles("speculated_long_", _type_with_pauses(client, _LONG_LINES))
        rss = psutil.Process(client.process.pid).memory_info().rss
    server = {"initialize_ms": initialize_ms, "first_suggestion_ms": first_ms, "rss_mb": rss / 1e6}
    return server, {**_percentiles("", keys), **short, "long_document_lines": _LONG_LINES, **long}


def _percentiles(of: str, times: list[float]) -> dict[str, float]:
    return {f"{of}p50_ms": float(np.percentile(times, 50)), f"{of}p99_ms": float(np.percentile(times, 99))}


def _type(client: LspClient) -> list[float]:
    """Return the milliseconds from each edit to its whole suggestion, asked for by hand so that none is cut short."""
    times = []
    for number in range(_KEYS):
        began = time.perf_counter()
        _press(client, _LINE, number)
        _ask(client, number + 1)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _type_with_pauses(client: LspClient, lines: int) -> list[float]:
    """Return the milliseconds that edit and request take when the editor waits between them, as all do."""
    text = "value = compute(value)\n" * lines
    document = {"uri": _URI, "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})
    times = []
    for number in range(_PAUSED_KEYS):
        began = time.perf_counter()
        _press(client, lines, number)
        pressed = time.perf_counter()
        time.sleep(_EDITOR_PAUSE_SECONDS)
        asked = time.perf_counter()
        _ask(client, number + 1, lines, by_hand=False)
        times.append((pressed - began + time.perf_counter() - asked) * 1e3)
    return times[_WARM_UPS:]


def _press(client: LspClient, line: int, number: int) -> None:
    place = {"line": line, "character": number}
    typed = _TEXT.replace("\n", ";")[number % len(_TEXT)]
    change = {"range": {"start": place, "end": place}, "text": typed}
    client.notify(
        "textDocument/didChange", {"textDocument": {"uri": _URI, "version": number + 2}, "contentChanges": [change]}
    )


def _ask(client: LspClient, character: int, line: int = _LINE, *, by_hand: bool = True) -> list[Any]:
    answer = client.request(
        "textDocument/inlineCompletion",
        {
            "textDocument": {"uri": _URI},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 1 if by_hand else 2},
        },
    )
    items: list[Any] = answer["result"]["items"]
    return items


def _median_us(work: Callable[[], object]) -> float:
    for _ in range(_WARM_UPS):
        work()
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1e6
