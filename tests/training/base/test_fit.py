"""Learning the mixture: from typed files of held-out projects to constants that predict them better."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.conftest import LEARNT_TEXT

from foretype.model import segment
from foretype.model.engine import Engine
from foretype.model.mixture import Mixture
from foretype.model.predictor import Predictor
from foretype.training.base.fit import fit
from foretype.training.base.projects import Project, cut


def variants(count: int, stem: str) -> list[tuple[str, bytes]]:
    return [
        (f"src/{stem}_{number}.py", LEARNT_TEXT.replace("name", f"{stem}{number}").encode() * 4)
        for number in range(count)
    ]


def bits(mixture: Mixture, project: Project) -> float:
    memory = segment.build(project.known)
    nats, total = 0.0, 0
    for _, text in project.typed:
        predictor = Predictor(mixture, [(memory, memory.mask([]))])
        predictor.hold(b"")
        p = predictor.read(predictor.start(b"", at_start=True), text, None)
        nats -= float(np.log(p[np.arange(len(text)), np.frombuffer(text, np.uint8)]).sum())
        total += len(text)
    return nats / total / math.log(2)


@pytest.mark.usefixtures("one_torch_thread")
def test_constants_learnt_from_projects_predict_another_one(tiny_engine: Engine) -> None:
    found = [cut(name, variants(24, name), 20_000) for name in ("item", "node")]
    other = cut("other", variants(12, "word"), 4000)
    lines: list[str] = []
    learnt = fit(found, tiny_engine, 0, lines.append)
    assert bits(learnt, other) < 1.0
    assert np.isfinite(learnt.calibration).all()
    assert any("gate" in line for line in lines)


def test_a_project_is_cut_into_known_and_typed_files_by_their_paths() -> None:
    files = variants(40, "item")
    project = cut("one", files, 100_000)
    assert sorted(project.known + project.typed) == sorted(files)
    assert len(project.typed) == 6
    assert cut("one", files[::-1], 100_000) == project
    assert sum(len(text) for _, text in cut("one", files, 3000).typed) < 3000 + len(files[0][1])
