"""The predictors that `foretype compare` puts side by side, each given the same text and the same time.

Networks are as large as a small project deserves, the transformer as large as the LSTM. Knows nothing of how they are
judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.export import export
from foretype.model.mixture import Mixture
from foretype.model.predictor import Predictor
from foretype.model.segment import Mask, Segment
from foretype.training.batches import Batches, Text
from foretype.training.line_completion import Open
from foretype.training.readers import EngineReader, MarkovCounts, MarkovReader, MixtureReader
from foretype.training.torch_engine import TorchEngine
from foretype.training.train import begin, start, train
from foretype.training.train_config import TrainConfig
from foretype.training.transformer import Transformer

MARKOV_ORDERS = range(1, 9)
_RECURRENT: dict[str, Config] = {
    "rnn": Config(cell="rnn", n_layer=1, d_model=768, d_embed=64),
    "gru": Config(cell="gru", n_layer=1, d_model=448, d_embed=64),
    "lstm": Config(cell="lstm", n_layer=1, d_model=384, d_embed=64),
}
"""About 0.7 million weights each, in one layer: what a few minutes can teach."""
_CONTEXT = 256
"""Bytes that the transformer sees."""

Watch = Callable[[str, float], None]
"""Told the contender's name and the share of its training that is done."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Hold a predictor that has learnt, and what that took."""

    name: str
    open: Open
    nbytes: int
    """Of everything it needs to predict."""
    seconds: float
    """That learning took."""


def contenders(known: Sequence[Text], options: TrainConfig, watch: Watch) -> Iterator[Contender]:
    """Yield each one as soon as it has learnt `known`; nothing else decides when its training ends but time."""
    options = replace(options, evaluations=1)
    for order in MARKOV_ORDERS:
        yield _markov(order, known)
    for name, config in _RECURRENT.items():
        yield _recurrent(name, config, known, options, watch)
    yield _transformer(known, options, watch)


def whole(
    engine: Engine, mixture: Mixture, project: Sequence[tuple[Segment, Mask]], nbytes: int, seconds: float
) -> Contender:
    """Return Foretype itself: network, memory and document; `nbytes` and `seconds` are those of network and memory."""
    return Contender(
        "foretype", lambda header: MixtureReader(engine, Predictor(mixture, project), header), nbytes, seconds
    )


def _markov(order: int, known: Sequence[Text]) -> Contender:
    began = time.perf_counter()
    counts = MarkovCounts(order, [text.text for text in known])
    return Contender(f"markov {order}", lambda _: MarkovReader(counts), counts.nbytes, time.perf_counter() - began)


def _recurrent(name: str, config: Config, known: Sequence[Text], options: TrainConfig, watch: Watch) -> Contender:
    batches = Batches(known, options.batch_size, options.seq_len, options.seed)
    run = start(config, options, batches.batch_size)
    for step in train(run, batches, known[:1], options):
        watch(name, step.progress)
    graph = export(config, run.network.weights())
    engine = Engine(config, graph)
    return Contender(name, lambda header: EngineReader(engine, header), len(graph), run.seconds)


def _transformer(known: Sequence[Text], options: TrainConfig, watch: Watch) -> Contender:
    import torch

    options = replace(options, learning_rate=1e-3, seq_len=_CONTEXT, batch_size=8)
    torch.manual_seed(options.seed)
    batches = Batches(known, options.batch_size, options.seq_len, options.seed)
    run = begin(Transformer(n_layer=4, d_model=128, n_head=4, context=_CONTEXT), options, batches.batch_size)
    for step in train(run, batches, known[:1], options):
        watch("transformer", step.progress)
    nbytes = sum(value.numel() * value.element_size() for value in run.network.parameters())
    engine = TorchEngine(run.network)
    return Contender("transformer", lambda header: EngineReader(engine, header), nbytes, run.seconds)
