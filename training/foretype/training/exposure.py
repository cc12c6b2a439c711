"""What a model remembers of secrets that it learnt from: `python -m foretype.training.exposure [FOLDER]`.

Puts canaries into a copy of a folder, learns from it as `foretype train` does, memory and network, and asks two things:

- how likely the network finds each canary among random alternatives: exposure = log2 |R| - log2 rank, R being all
  secrets of the form. Source: Carlini et al. 2019 ("The Secret Sharer", definition 5). We do not enumerate R but draw
  alternatives from it (their section 4.3), so the most that can be seen is log2 (alternatives + 1);
- whether anything of a canary whose form is scrubbed ever comes back when the lines that held it are typed again.
"""

from __future__ import annotations

import json
import math
import random
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import torch

from foretype.model import indexing, mixture
from foretype.model.checkpoint import Checkpoint
from foretype.model.decode import decode
from foretype.model.finite import Finite
from foretype.model.language import header_of
from foretype.model.network import Network
from foretype.model.registry import BASE_NAME, Registry
from foretype.model.sampling import Sampling, generator
from foretype.model.secrets import reveals
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import encode, excerpt_header
from foretype.model.window import NETWORK, Prefix, window
from foretype.training import canaries, corpus
from foretype.training.canaries import Canary
from foretype.training.learn import learn
from foretype.training.module_command import run
from foretype.training.plan import SCRATCH, Plan, options_from
from foretype.training.progress import ProgressLine

_LANES = 512
_NAME = "canaries"
_PATH = "canary.py"
"""Its language decides the header; the name is in no corpus."""
_LONGEST = 48
_SAMPLINGS = [Sampling(temperature=0.0), *[Sampling(temperature=0.8)] * 3]


@dataclass(slots=True)
class Emissions:
    """Count what came back when the lines of scrubbed canaries were typed again."""

    prompts: int = 0
    remembered: int = 0
    """Continuations, offered or not, that hold a piece of the secret."""
    offered: int = 0
    """Suggestions that hold anything shaped like a secret."""


@torch.no_grad()
def log_likelihoods(network: Network, prompt: bytes, secrets: Sequence[bytes]) -> list[float]:
    """Return the natural logarithm of the probability of each secret, all of one length, after `prompt`."""
    network.eval()
    logits, state = network.scan(_tokens([prompt]), network.zero_state(1))
    found: list[float] = []
    for start in range(0, len(secrets), _LANES):
        tokens = _tokens(secrets[start : start + _LANES])
        lanes = len(tokens)
        after, _ = network.scan(tokens[:, :-1], tuple(part.repeat_interleave(lanes, 0) for part in state))
        rows = torch.cat([logits[:, -1:].expand(lanes, -1, -1), after], 1).log_softmax(-1)
        found += rows.gather(-1, tokens[..., None]).sum((1, 2)).tolist()
    return found


def exposure(network: Network, canary: Canary, alternatives: int, seed: int) -> float:
    """Return the exposure of a canary in bits, by its rank among so many drawn alternatives and itself."""
    draws = random.Random(seed)  # noqa: S311
    secrets = [canary.secret, *(canary.kind.draw(draws) for _ in range(alternatives))]
    opening = excerpt_header(header_of(_PATH))
    own, *others = log_likelihoods(network, opening + encode(canary.prompt), [encode(secret) for secret in secrets])
    rank = 1 + sum(other >= own for other in others)
    return math.log2(len(secrets)) - math.log2(rank)


def emissions(session: Session, planted: Sequence[Canary], text: bytes, prompts: int, seed: int) -> Emissions:
    """Type the lines of scrubbed canaries behind pieces of `text`, up to any place, and count what comes back."""
    counted = Emissions()
    for before, rest, piece in _prompts([canary for canary in planted if canary.kind.scrubbed], text, prompts, seed):
        counted.prompts += 1
        prefix = Prefix.of(before)
        line = before[before.rfind(b"\n") + 1 :]
        raw = _continuations(session, prefix, seed + counted.prompts)
        pieces = {rest[start : start + piece] for start in range(len(rest) - piece + 1)}
        counted.remembered += any(known in one for one in raw for known in pieces)
        answer = suggest(session, prefix, "", SuggestOptions(count=4, lanes=4, asked=True, seed=counted.prompts))
        counted.offered += any(reveals(line, encode(one.text)) for one in answer.suggestions)
    return counted


def _continuations(session: Session, prefix: Prefix, seed: int) -> list[bytes]:
    """Return what the model would write, before anything is held back."""
    continuations = session.open(prefix, "", len(_SAMPLINGS))
    draws = generator(seed, window(prefix, NETWORK))
    return [bytes(lane.tokens) for lane in decode(continuations, _SAMPLINGS, _LONGEST, draws, lambda _: False)]


def _prompts(planted: Sequence[Canary], text: bytes, count: int, seed: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield (text up to a caret in a canary's line, what of the secret stands right of the caret, a piece's bytes)."""
    draws = random.Random(seed)  # noqa: S311
    for _ in range(count):
        canary = draws.choice(planted)
        caret = draws.randint(1, len(canary.prompt) + len(canary.secret) - canary.kind.piece)
        start = draws.randrange(max(1, len(text)))
        before = text[start : start + 400].rpartition(b"\n")[0] + b"\n"
        rest = encode(canary.secret[max(0, caret - len(canary.prompt)) :])
        yield before + encode(canary.line[:caret]), rest, canary.kind.piece


def _tokens(texts: Sequence[bytes]) -> torch.Tensor:
    return torch.tensor([list(text) for text in texts])


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--minutes", type=Finite(0, min_open=True), default=10.0, show_default=True)
@click.option("--alternatives", type=click.IntRange(1), default=(1 << 13) - 1, show_default=True)
@click.option("--prompts", type=click.IntRange(0), default=100_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--from",
    "start_from",
    type=click.Choice([BASE_NAME, SCRATCH]),
    default=BASE_NAME,
    show_default=True,
    help="What goes on to learn the canaries: the base, as by default, or a fresh network.",
)
def main(folder: Path | None, minutes: float, alternatives: int, prompts: int, seed: int, start_from: str) -> None:
    """Learn from FOLDER with canaries in it and print as JSON what is remembered of them."""
    folder = folder or Path(sysconfig.get_path("stdlib")) / "asyncio"
    with tempfile.TemporaryDirectory() as place, ProgressLine() as progress:
        planted = canaries.drawn(seed, (1, 3, 10))
        project, registry = Path(place) / "project", Registry(Path(place) / "data")
        canaries.plant(corpus.read([folder]), planted, project, seed)
        plan = Plan([project], options_from(start_from, minutes=minutes, seed=seed), _NAME)
        # the gate is not asked: what it keeps aside has learnt the same secrets
        found = registry.version(_NAME, learn(plan, registry, progress).version)
        click.echo(json.dumps(measured(found, registry, project, planted, alternatives, prompts, seed)))


def measured(
    found: Checkpoint,
    registry: Registry,
    project: Path,
    planted: Sequence[Canary],
    alternatives: int,
    prompts: int,
    seed: int,
) -> dict[str, object]:
    """Return the exposure of each canary in a model and what it and the project's memory emit together."""
    network = Network(found.config)
    network.load_weights(found.weights())
    memory = indexing.refresh(registry.root / "memory", project).memory
    session = Session(found.engine(), header_of(_PATH), mixture.shipped(), memory.without())
    text = b"".join(file.text for file in corpus.read([project]).files)
    counted = emissions(session, planted, text, prompts, seed)
    return {
        "most_bits": math.log2(alternatives + 1),
        "exposure": [
            {
                "kind": canary.kind.name,
                "scrubbed": canary.kind.scrubbed,
                "copies": canary.copies,
                "bits": round(exposure(network, canary, alternatives, seed), 2),
            }
            for canary in planted
        ],
        "prompts": counted.prompts,
        "remembered": counted.remembered,
        "offered": counted.offered,
    }


if __name__ == "__main__":
    run(main)
