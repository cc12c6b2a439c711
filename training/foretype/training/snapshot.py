"""Save an unfinished run so that it goes on after a kill as if nothing had happened.

One safetensors file, replaced as a whole: weights, optimiser, carried state, random numbers, counters, vocabulary.
Knows nothing of when to save.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from foretype.model import atomic
from foretype.model.config import Config
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.model.network import Network
from foretype.model.vocabulary import Vocabulary
from foretype.training.processes import ALONE, Processes
from foretype.training.train import Run, start
from foretype.training.train_config import TrainConfig

FORMAT = 2

_COUNTERS = ("step", "seconds", "evaluations", "looking_seconds", "best_bits", "without_gain")


def save(path: Path, run: Run[Network], train_config: TrainConfig, fingerprint: str) -> None:
    """Replace `path` with the run as it stands between two steps; `fingerprint` names the text it learns from."""
    from safetensors.torch import save as serialise

    tensors: dict[str, Tensor] = {"random": torch.get_rng_state()}
    tensors |= {f"network.{name}": value for name, value in run.network.state_dict().items()}
    tensors |= {f"state.{index}": value for index, value in enumerate(run.state)}
    for index, values in run.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in values.items()}
    if run.best_weights is not None:
        tensors |= {f"best.{name}": torch.from_numpy(value) for name, value in run.best_weights.items()}
    about = {
        "format": FORMAT,
        "config": run.network.config.to_json(),
        "train_config": train_config.to_json(),
        "fingerprint": fingerprint,
        "vocabulary": json.loads(run.vocabulary.to_json()),
        "counters": {name: getattr(run, name) for name in _COUNTERS},
    }
    contiguous = {name: value.contiguous().clone() for name, value in tensors.items()}
    atomic.write_file(path, serialise(contiguous, {"run": json.dumps(about)}))


def load(path: Path, device: str = "cpu", processes: Processes = ALONE) -> tuple[Run[Network], TrainConfig, str]:
    """Return the run, its options and the fingerprint of its text; a damaged file raises CheckpointError.

    The carried state is that of the lanes which the first process had. Torch's random numbers go on from where they
    were when the run was saved.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("run", "{}"))
            # copies: what lies in the file holds it, and Windows replaces no file that is held
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118  # no mapping
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']!r}, expected {FORMAT}")
        return _restore(about, tensors, device, processes), TrainConfig(**about["train_config"]), about["fingerprint"]
    except FileNotFoundError:
        raise CheckpointError(f"{path} does not exist; there is no interrupted run to go on with") from None
    except (SafetensorError, RuntimeError, *DAMAGE) as error:  # torch raises the second where shapes do not fit
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{path} is damaged ({reason}); train without --resume") from error


def _restore(about: dict[str, Any], tensors: dict[str, Tensor], device: str, processes: Processes) -> Run[Network]:
    state = _group(tensors, "state.")
    config = Config.from_json(about["config"])
    vocabulary = Vocabulary.from_json(json.dumps(about.get("vocabulary", [])))
    run = start(config, TrainConfig(**about["train_config"]), len(state["0"]), device, processes, vocabulary)
    run.network.load_state_dict(_group(tensors, "network."))
    run.state = tuple(state[str(index)].to(device) for index in range(len(state)))
    for name in _COUNTERS:
        setattr(run, name, about["counters"][name])
    best = _group(tensors, "best.")
    run.best_weights = {name: value.numpy() for name, value in best.items()} or None
    optimizer = run.optimizer.state_dict()
    for name, value in _group(tensors, "optimizer.").items():
        index, key = name.split(".", 1)
        optimizer["state"].setdefault(int(index), {})[key] = value
    run.optimizer.load_state_dict(optimizer)
    torch.set_rng_state(tensors["random"])
    return run


def _group(tensors: dict[str, Tensor], start_of_name: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(start_of_name): value for name, value in tensors.items() if name.startswith(start_of_name)
    }
