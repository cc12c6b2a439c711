"""The shape of a network. Knows nothing of files, training or the engine."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from foretype.model.tokens import VOCAB_SIZE

Cell = Literal["rnn", "gru", "lstm"]
CELLS: tuple[str, ...] = get_args(Cell)

Unit = Literal["byte", "word"]
UNITS: tuple[str, ...] = get_args(Unit)

_MOST_LAYERS, _MOST_WIDTH = 256, 1 << 16
"""Far above what anybody trains: a file that says more wants memory, not a network."""


@dataclass(frozen=True, slots=True)
class Config:
    """Describe a recurrent network; a wrong value raises ValueError at construction."""

    cell: Cell = "lstm"
    """Recurrence: Elman RNN, GRU (Cho et al. 2014) or LSTM (Hochreiter & Schmidhuber 1997)."""
    n_layer: int = 2
    d_model: int = 512
    """Width of the hidden state of each layer."""
    d_embed: int = 128
    """Width of a token's embedding; small, because the input projection is read at every step."""
    vocab_size: int = VOCAB_SIZE
    """The bytes, and the words of a network of words."""

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise ValueError(f"cell must be one of {', '.join(CELLS)}, got {self.cell!r}")
        for name in ("n_layer", "d_model", "d_embed", "vocab_size"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} must be a positive whole number, got {value!r}")
        if self.n_layer > _MOST_LAYERS or max(self.d_model, self.d_embed, self.vocab_size) > _MOST_WIDTH:
            raise ValueError(f"a network has at most {_MOST_LAYERS} layers of at most {_MOST_WIDTH}, got {self}")

    @property
    def unit(self) -> Unit:
        """What the network reads."""
        return "byte" if self.vocab_size == VOCAB_SIZE else "word"

    @property
    def gates(self) -> int:
        """Number of gate blocks in one layer's weight matrices."""
        return {"rnn": 1, "gru": 3, "lstm": 4}[self.cell]

    @property
    def state_names(self) -> tuple[str, ...]:
        """Name each state array in the order in which a `State` holds them."""
        parts = ("h", "c") if self.cell == "lstm" else ("h",)
        return tuple(f"{part}_{layer}" for layer in range(self.n_layer) for part in parts)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Config:
        """Build from `to_json` output; an unknown or wrong value raises ValueError."""
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown network setting {', '.join(sorted(unknown))}")
        return cls(**values)
