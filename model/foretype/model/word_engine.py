"""An engine whose network reads words, seen from outside as one that reads bytes.

Everything else in Foretype (mixture, session, decoding, scoring) knows bytes only, so a network of words answers with
the exact distribution of the next byte: the sum over all tokens that the text can turn out to be made of. A text has
one tokenisation (`Vocabulary.encode`), and what no text can have is masked out: a piece that the next byte would have
gone on with does not end there, and one that is a token is not spelt to its end. So probabilities of bytes multiply to
those of tokens, and bits per byte mean the same as for a network of bytes.

Reading a byte costs one run of the graph, of two lanes where the bytes so far are a token; `read` runs over all whole
pieces at once. Knows nothing of text, documents or sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.pieces import ALONE, ENDS, KINDS, OPEN, pieces, transitions
from foretype.model.state import State
from foretype.model.steps import Logits, Steps, Tokens, ValueSteps
from foretype.model.tokens import VOCAB_SIZE
from foretype.model.vocabulary import BYTES, Vocabulary
from foretype.model.word_state import Piece, Place, WordState

_LEAST = 1e-30
"""Of a byte or a token that can come: its logarithm must stay finite in single precision."""

_MUST_END, _MAY_END, _MUST_GO_ON = range(3)
"""What is known of a piece after one of its tokens: it was a whole one, or is spelt and no token so far, or is one."""
_BLOCK = 256
"""Tokens scored at once."""

_Rows = NDArray[np.float32]


def engine_for(config: Config, graph: bytes | Path, vocabulary: Vocabulary = BYTES, threads: int = 1) -> Engine:
    """Load `graph` for the vocabulary that it was trained with."""
    if not vocabulary.pieces:
        return Engine(config, graph, threads)
    return WordEngine(config, graph, vocabulary, threads)


class WordEngine(Engine):
    """Own the loaded graph and its vocabulary; tokens are bytes for whoever calls, save in `scan`."""

    def __init__(self, config: Config, graph: bytes | Path, vocabulary: Vocabulary, threads: int = 1) -> None:
        """Load `graph`; one that does not fit `config` or `vocabulary` raises CheckpointError."""
        super().__init__(config, graph, threads)
        if config.vocab_size != vocabulary.size:
            raise CheckpointError(f"the network has {config.vocab_size} tokens, its vocabulary {vocabulary.size}")
        self.vocabulary = vocabulary
        self._masks = _masks(vocabulary)

    def zero_state(self, lanes: int = 1) -> WordState:
        """Return the state before anything was read: every token is as likely."""
        size = self.vocabulary.size
        place = Place.between(ALONE, np.full(size, 1 / size, np.float32))
        zero = State.zero(self.config, lanes)
        return WordState.of(zero, zero, zero, [place] * lanes)

    def prefill(self, tokens: bytes, state: State) -> tuple[Logits, State]:
        """Read at least one byte into a state of one lane; return logits (T, 256) after each and the state."""
        assert tokens, "prefill needs a token: the logits before the first one belong to the state's maker"
        rows = []
        for token in tokens:
            logits, state = self.step([token], state)
            rows.append(logits[0])
        return np.stack(rows), state

    def read(self, tokens: bytes, state: State) -> tuple[Logits, State]:
        """Read as `prefill` does, but return only the logits (256,) after the last byte and the state."""
        assert isinstance(state, WordState)
        (place,) = state.places
        *ended, (rest, _) = pieces(place.piece.read + tokens)
        if ended and (whole := b"".join(piece for piece, _ in ended)) != place.piece.read:
            state = self._past(whole, ended[-1][1], state)
        logits, following = self.prefill(rest if ended else tokens, state)
        return logits[-1], following

    def steps(self, state: State) -> Steps:
        """Return the lanes of `state`, to `step` again and again."""
        return ValueSteps(self.step, state)

    def step(self, tokens: Tokens, state: State) -> tuple[Logits, State]:
        """Read one byte per lane; return logits (B, 256) and the state."""
        assert isinstance(state, WordState)
        assert len(tokens) == state.lanes
        found = [place.then(int(byte), self.vocabulary) for place, byte in zip(state.places, tokens, strict=True)]
        begins = np.array([len(piece.read) == 1 for piece in found])
        before = _chosen(begins, state.after, state.before)
        spelt_before = _chosen(begins, state.after, state.spelt)
        whole = [lane for lane, piece in enumerate(found) if piece.token is not None]
        places, spelt, after = self._places(found, whole, tokens, _joined(spelt_before, before.take(whole)))
        return self._logits(places), WordState.of(before, spelt, after, places)

    def nats(self, opening: bytes, text: bytes) -> float:
        """Return what `text` costs after `opening`, which ends with a control symbol and costs nothing.

        It is what its bytes cost one by one, but all of its whole pieces are read at once.
        """
        _, state = self.read(opening, self.zero_state())
        assert isinstance(state, WordState)
        assert state.places[0].piece.kind == ALONE
        *ended, (rest, _) = [*pieces(text)] or [(b"", ALONE)]
        nats, state = self._cost(ended, state) if ended else (0.0, state)
        for byte in rest:
            nats -= float(np.log(max(state.places[0].masses(self.vocabulary)[byte], _LEAST)))
            _, state = self.step([byte], state)
            assert isinstance(state, WordState)
        return nats

    def _places(
        self,
        found: Sequence[Piece],
        whole: Sequence[int],
        tokens: Tokens,
        state: State,
    ) -> tuple[list[Place], State, State]:
        """Run the graph over the bytes of all lanes, and over the tokens that `whole` lanes' pieces are if they end."""
        ids = np.array([*tokens, *(found[lane].token for lane in whole)])
        logits, following = self.scan(ids[None], state)
        hows = [_MAY_END if piece.token is None else _MUST_GO_ON for piece in found] + [_MUST_END] * len(whole)
        kinds = [piece.kind for piece in (*found, *(found[lane] for lane in whole))]
        rows = self._distributions(logits[0], [how * KINDS + kind for how, kind in zip(hows, kinds, strict=True)])
        last = list(range(len(found)))
        for number, lane in enumerate(whole):
            last[lane] = len(found) + number
        places = [
            self._place(piece, rows[lane], rows[end]) for lane, (piece, end) in enumerate(zip(found, last, strict=True))
        ]
        return places, following.take(range(len(found))), following.take(last)

    def _place(self, piece: Piece, spelt: _Rows, ended: _Rows) -> Place:
        """Return the place after `piece`, given the next token's distribution if it is spelt and if it was a token."""
        spelling = np.where(self._masks[_MUST_GO_ON * KINDS + piece.kind, :VOCAB_SIZE], spelt[:VOCAB_SIZE], 0)
        if piece.token is not None:
            return Place(piece, spelling, float(piece.whole[0]), ended.copy())
        following, share = self._ended(spelt, piece.kind)
        return Place(piece, spelling, piece.spelt * share, following)

    def _ended(self, row: _Rows, kind: int) -> tuple[_Rows, float]:
        """Return the next token's distribution (V,) if a piece of this kind ends, and how likely that is."""
        following = np.where(self._masks[_MUST_END * KINDS + kind], row, np.float32(0))
        share = max(float(following.sum()), _LEAST)
        return (following / np.float32(share)).astype(np.float32, copy=False), share

    def _past(self, whole: bytes, kind: int, state: WordState) -> WordState:
        """Return the state after `whole` pieces, the first of which begins with the bytes of the one under way."""
        read, tokens = state.places[0].piece.read, self.vocabulary.encode(whole)
        is_spelt = bool(read) and tokens[0] < VOCAB_SIZE
        if is_spelt:
            tokens = tokens[len(read) :]
        logits, after = self.scan(tokens[:, None], state.spelt if is_spelt else state.before)
        (row,) = self._distributions(logits[-1], [_MUST_END * KINDS + kind])
        return WordState.of(after, after, after, [Place.between(kind, row)])

    def _cost(self, whole: Sequence[tuple[bytes, int]], state: WordState) -> tuple[float, WordState]:
        """Return the nats of whole pieces after a piece that has ended, and the state when they have ended, too."""
        tokens = self.vocabulary.encode(b"".join(piece for piece, _ in whole))
        situations = [one for piece, kind in whole for one in self._situations(piece, kind)]
        after, row, nats = state.after, state.places[0].following[None], 0.0
        for start in range(0, len(tokens), _BLOCK):
            block = tokens[start : start + _BLOCK]
            logits, after = self.scan(block[:, None], after)
            rows = np.concatenate([row, self._distributions(logits[:, 0], situations[start : start + _BLOCK])])
            nats -= float(np.log(rows[np.arange(len(block)), block], dtype=np.float64).sum())
            row = rows[-1:]
        kind = whole[-1][1]
        following, share = self._ended(row[0], kind)
        return nats - float(np.log(share)), WordState.of(after, after, after, [Place.between(kind, following)])

    def _situations(self, piece: bytes, kind: int) -> list[int]:
        """Return which row of the masks holds after each token of a whole piece."""
        if self.vocabulary.token_of(piece) is not None:
            return [_MUST_END * KINDS + kind]
        kinds = [OPEN]
        for byte in piece:
            kinds.append(int(transitions()[kinds[-1], byte]))
        prefixes = [self.vocabulary.token_of(piece[:end]) for end in range(1, len(piece) + 1)]
        hows = [_MAY_END if token is None else _MUST_GO_ON for token in prefixes]
        return [how * KINDS + kind for how, kind in zip(hows, kinds[1:], strict=True)]

    def _distributions(self, logits: Logits, situations: Sequence[int]) -> _Rows:
        """Return the distributions (R, V) that logits (R, V) stand for in these situations."""
        p = np.where(self._masks[situations], logits, np.float32(-np.inf))
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        return np.maximum(p, np.float32(_LEAST), out=p)

    def _logits(self, places: Sequence[Place]) -> Logits:
        masses = np.stack([place.masses(self.vocabulary) for place in places])
        return np.log(np.maximum(masses, _LEAST)).astype(np.float32)


def _masks(vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """Return (3 * KINDS, V): which tokens may follow, a row for all that can be known of a piece and its kind."""
    ends = transitions() == ENDS
    begin_another = ends[:, vocabulary.first_bytes]
    go_on = np.zeros_like(begin_another)
    go_on[:, :VOCAB_SIZE] = ~ends
    return np.concatenate([begin_another, begin_another | go_on, go_on])


def _chosen(where: NDArray[np.bool_], one: State, other: State) -> State:
    """Return the lanes of `one` where that is true, else those of `other`."""
    lanes = where[None, :, None]
    return State(tuple(np.where(lanes, a, b) for a, b in zip(one.arrays, other.arrays, strict=True)))


def _joined(one: State, other: State) -> State:
    """Return the lanes of both side by side."""
    pairs = zip(one.arrays, other.arrays, strict=True)
    return State(tuple(np.concatenate(pair, axis=1) for pair in pairs))
