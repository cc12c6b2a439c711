"""Small networks that learn the same text: how each gets on, and what it makes of whole files that were held out.

Knows nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from foretype.model.config import CELLS, Config
from foretype.training.batches import Batches, Text
from foretype.training.held_out import held_out_bits
from foretype.training.interval import interval
from foretype.training.train import start, train
from foretype.training.train_config import TrainConfig

_LOOKS = 12
_WHOLE_FILE = 1 << 30
_TOKENS_PER_BATCH = 1024
"""However long the windows are, so that equal steps are equal bytes."""


@dataclass(frozen=True, slots=True)
class Pupil:
    """Hold a network that has learnt."""

    name: str
    curve: tuple[tuple[int, float], ...]
    """(bytes seen, bits per byte on the beginnings of held-out files)."""
    bits: tuple[float, ...]
    """Of each whole held-out file, read with carried state."""


def cells(known: Sequence[Text], held_out: Sequence[Text], width: int, epochs: float) -> Iterator[Pupil]:
    """Yield one network of each cell, equally wide and of one layer."""
    for cell in CELLS:
        config = Config(cell=cell, n_layer=1, d_model=width, d_embed=64)  # type: ignore[arg-type]
        yield taught(cell, config, TrainConfig(epochs=epochs), known, held_out)


def carried_and_not(
    known: Sequence[Text], held_out: Sequence[Text], width: int, epochs: float, seq_len: int, seed: int
) -> tuple[Pupil, Pupil]:
    """Return an LSTM that learnt from streams with carried state, and one from windows of the same length."""
    config = Config(n_layer=1, d_model=width, d_embed=64)
    streams, windows = (
        taught(
            name,
            config,
            TrainConfig(
                epochs=epochs,
                batch_size=max(1, _TOKENS_PER_BATCH // seq_len),
                seq_len=seq_len,
                carry_state=name == "streams",
                seed=seed,
            ),
            known,
            held_out,
        )
        for name in ("streams", "windows")
    )
    return streams, windows


def taught(name: str, config: Config, options: TrainConfig, known: Sequence[Text], held_out: Sequence[Text]) -> Pupil:
    """Return a fresh network after a whole run; it is never ended early, so that all see the same bytes."""
    batches = Batches(known, options.batch_size, options.seq_len, options.seed, carry_state=options.carry_state)
    run = start(config, options, batches.batch_size)
    steps = train(run, batches, held_out, replace(options, evaluations=_LOOKS, patience=_LOOKS))
    curve = [(step.bytes_seen, step.held_out_bits) for step in steps if step.held_out_bits is not None]
    bits = tuple(len(file.text) * held_out_bits(run.network, [file], _WHOLE_FILE) for file in held_out)
    return Pupil(name, tuple(curve), bits)


def ratio(ones: Sequence[Pupil], others: Sequence[Pupil]) -> tuple[float, tuple[float, float]]:
    """Return the bits of `ones` over those of `others` on the same files, and its 95 % interval over files."""
    parts, wholes = (list(map(sum, zip(*(pupil.bits for pupil in pupils), strict=True))) for pupils in (ones, others))
    return sum(parts) / sum(wholes), interval(parts, wholes)
