"""A run that is killed at any moment leaves a whole model serving and can be gone on with."""

from __future__ import annotations

import os

import pytest
from tests.training.kills import kill_runs


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither fork nor SIGKILL")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")  # the killed child shares no lock with us
def test_whatever_the_moment_of_a_kill_a_whole_model_serves() -> None:
    served = kill_runs(12, seed=1)
    assert len(served) == 12
    assert sorted(served, key=lambda version: "" if version == "none" else version) == served  # never an older one
    assert served[-1] != "none"
