"""How a training run goes. Knows nothing of what it learns from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Hold the options of a run; a wrong value raises ValueError at construction."""

    minutes: float | None = None
    """Training time, None without limit."""
    epochs: float | None = None
    """Passes over the text, None without limit; whichever limit comes first ends the run."""
    start_from: str | None = None
    """Model whose weights to start from, None for fresh ones."""
    rehearsal_lanes: int = 0
    """Lanes of a batch, beyond `batch_size`, that learn what the model it starts from writes by itself."""
    batch_size: int = 16
    """Small, because a short run is better spent on many updates than on full processors (docs/log.md)."""
    seq_len: int = 64
    carry_state: bool = True
    """Whether a lane goes on from the state it ended with; if not, every `seq_len` tokens are a window of their own."""
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    """Longer gradients are shortened to this (Pascanu et al. 2013): a recurrence can make them explode."""
    warmup_share: float = 0.02
    """Share of the run in which the learning rate rises."""
    decay_share: float = 0.6
    """Share of the run, at its end, in which the learning rate falls to nothing."""
    dropout: float = 0.1
    evaluations: int = 12
    """How often the held-out text is looked at."""
    patience: int = 4
    """Evaluations without a gain after which the run ends."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.minutes is None and self.epochs is None:
            raise ValueError("a run needs minutes, epochs or both")
        for name in ("batch_size", "seq_len", "learning_rate", "clip_norm", "evaluations", "patience"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if self.rehearsal_lanes and self.start_from is None:
            raise ValueError("a fresh network has nothing to rehearse")
        for name in ("minutes", "epochs"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} must be above 0, got {value}")

    def learning_rate_at(self, progress: float) -> float:
        """Return the learning rate when this share of the run is done."""
        rising = min(1.0, (progress + 1e-3) / self.warmup_share)
        falling = min(1.0, max(0.0, 1.0 - progress) / self.decay_share)
        return self.learning_rate * min(rising, falling)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return asdict(self)
