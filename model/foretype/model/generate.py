"""Let a network write: plain sampling from a prompt, one byte after another, as the classic char-rnn does.

Knows nothing of documents or of what is worth showing.
"""

from __future__ import annotations

from collections.abc import Iterator

from foretype.model.engine import Engine
from foretype.model.sampling import Sampling, generator, probabilities, sample
from foretype.model.tokens import START, allowed_tokens, encode, header, utf8_transitions


def generate(
    engine: Engine, prompt: str, length: int, sampling: Sampling, seed: int, opening: bytes | None = None
) -> Iterator[str]:
    """Yield `length` characters that continue `prompt`; the same arguments yield the same characters.

    `opening` is the header to start from; by default that of a file without path or language.
    """
    opening = header("", "") if opening is None else opening
    tokens = opening + encode(prompt)
    scores, state = engine.read(tokens, engine.zero_state())
    draws = generator(seed, tokens)
    character, situation, written = bytearray(), START, 0
    while written < length:
        distribution = probabilities(scores, allowed_tokens()[situation])
        token = int(sample(distribution[None], [sampling], draws.random(1))[0])
        character.append(token)
        situation = int(utf8_transitions()[situation, token])
        if situation == START:
            yield character.decode()
            character.clear()
            written += 1
        lanes, state = engine.step([token], state)
        scores = lanes[0]
