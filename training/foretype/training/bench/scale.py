"""All curves of `foretype bench --curves` in one run: documents, memories, clients, from small to large."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from foretype.model.registry import BASE_NAME, Registry
from foretype.training.bench import client_counts, corpus_sizes, document_counts, document_sizes
from foretype.training.bench.curve import Curve
from foretype.training.bench.project import project


def measure(corpus: Path, share: float) -> Iterator[Curve]:
    """Yield the curves up to a share of the largest sizes; the memories are of the texts below `corpus`."""
    engine = Registry.default().find(BASE_NAME).engine()
    texts = project()
    with TemporaryDirectory(prefix="foretype-bench-") as folder:
        yield document_sizes.measure(Path(folder), share)
        yield document_counts.measure(texts, Path(folder), share)
        yield client_counts.measure(texts, Path(folder), share)
        yield corpus_sizes.measure(corpus, engine, Path(folder), share)
