"""The base as the package holds it: half the size, the same predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from click.testing import CliRunner

from foretype.model import checkpoint
from foretype.model.checkpoint import Checkpoint
from foretype.training.base.__main__ import main


def test_a_shipped_network_predicts_the_same_and_keeps_its_weights_in_half_precision(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    result = CliRunner().invoke(main, ["ship", str(tiny_checkpoint.folder), str(tmp_path / "base")])
    assert result.exit_code == 0, result.output
    shipped = checkpoint.load(tmp_path / "base")
    for name, weight in tiny_checkpoint.weights().items():
        np.testing.assert_allclose(shipped.weights()[name], weight, atol=1e-2)
    before, after = (one.engine() for one in (tiny_checkpoint, shipped))
    logits, _ = before.prefill(b"def ", before.zero_state())
    np.testing.assert_array_equal(after.prefill(b"def ", after.zero_state())[0], logits)
    size = (shipped.folder / "weights.safetensors").stat().st_size
    assert size < 0.6 * (tiny_checkpoint.folder / "weights.safetensors").stat().st_size
    assert shipped.metrics() == tiny_checkpoint.metrics()
