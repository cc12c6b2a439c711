"""A transformer that was trained as the base was, on disk: its weights, and its shape beside them."""

from __future__ import annotations

import json
from pathlib import Path

from foretype.model import atomic
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.training.transformer import Transformer

FILE = "transformer.safetensors"
"""In the folder of a run."""

_SHAPE = "shape"


def save(path: Path, network: Transformer) -> None:
    """Replace `path` with a network."""
    from safetensors.torch import save as serialise

    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    atomic.write_file(path, serialise(weights, {_SHAPE: json.dumps(network.shape)}))


def load(path: Path) -> Transformer:
    """Return what was written; a file that is missing or damaged raises CheckpointError."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            network = Transformer(**json.loads((file.metadata() or {})[_SHAPE]))
            network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (OSError, SafetensorError, RuntimeError, *DAMAGE) as error:
        raise CheckpointError(f"{path} is no transformer of a sitting ({error}); train one anew") from error
    return network
