"""Contiguous streams of training text: lane i of a batch goes on where lane i of the batch before ended.

The files of an epoch, drawn by their weights, each opened by its header and in an order drawn from the seed, make one
ring of text. It is cut at a place drawn anew, so that the few bytes left over are others in each epoch, into as many
lanes as a batch has. So the carried state stays true to the text (truncated backpropagation through time), and a batch
is a function of its number: resuming needs no position but that.

At a share of the chunks a lane forgets its state and reads a header again, as a session does when it opens a
window in the middle of a file; otherwise the network would never have learnt to start there. The header takes the
place of as many bytes of text, and for that reason no chunk has to start so, not even an epoch's first.

Without carried state every chunk is a window of its own, as in the classic lesson: it starts from a zero state, and
nothing but its own bytes is in it.

The text is laid out as tokens of a vocabulary, bytes or words, and need not fit in memory. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from foretype.model.tokens import excerpt_header
from foretype.model.vocabulary import BYTES, Tokens, Vocabulary
from foretype.training.token_ring import Ring, TokenTape

_RESET_SHARE = 0.05

_RESETS, _LAYOUT = 0, 1  # what random numbers are drawn for: streams of their own


class Text(Protocol):
    """Hold one text and the tokens that open it."""

    @property
    def header(self) -> bytes:
        """The tokens that open it."""

    @property
    def text(self) -> bytes:
        """Its bytes."""

    @property
    def weight(self) -> float:
        """In which share of the epochs it is read, above 0 and at most 1."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """Hold one text in memory."""

    header: bytes
    text: bytes
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Hold one chunk of every lane."""

    tokens: Tokens
    """(B, T + 1): inputs are all but the last, targets all but the first."""
    resets: NDArray[np.bool_]
    """(B,): lanes whose state starts from zero here."""


class Batches:
    """Number the batches of a corpus without end: `batches[n]` for any n, epoch after epoch."""

    def __init__(
        self,
        files: Sequence[Text],
        batch_size: int,
        seq_len: int,
        seed: int,
        vocabulary: Vocabulary = BYTES,
        *,
        carry_state: bool = True,
    ) -> None:
        """Lay out streams, or windows without carried state; a corpus too small for the batch size gets fewer lanes."""
        self._carry_state = carry_state
        self._tape = TokenTape(vocabulary)
        for file in files:
            self._tape.add(file.header, file.text)
        self._excerpt_headers = [excerpt_header(file.header) for file in files]
        self._weights = np.array([file.weight for file in files])
        self._vocabulary = vocabulary
        self._seed = seed
        total = self._tape.tokens
        self.seq_len = min(seq_len, max(1, total - 1))
        self.batch_size = max(1, min(batch_size, (total - 1) // (2 * self.seq_len)))
        self._lane_tokens = (total - 1) // self.batch_size
        self.steps_per_epoch = max(1, self._lane_tokens // self.seq_len)
        self.bytes_per_token = self._tape.nbytes / total
        self._epoch = -1
        self._cut = 0
        self._ring = Ring(self._tape, np.empty(0, np.int64))

    @property
    def bytes_per_batch(self) -> int:
        """Bytes that one batch teaches, on average where tokens differ in length."""
        return round(self.batch_size * self.seq_len * self.bytes_per_token)

    def __getitem__(self, number: int) -> Batch:
        """Return batch `number`, counted from 0 over all epochs."""
        epoch, chunk = divmod(number, self.steps_per_epoch)
        self._lay_out(epoch)
        offsets = self._cut + np.arange(self.batch_size) * self._lane_tokens + chunk * self.seq_len
        tokens = np.stack([self._ring.read(int(offset), self.seq_len + 1) for offset in offsets])
        if not self._carry_state:
            return Batch(tokens, np.ones(self.batch_size, np.bool_))
        draws = np.random.default_rng([self._seed, _RESETS, number]).random(self.batch_size)
        resets = draws < _RESET_SHARE
        for lane in np.flatnonzero(resets):
            header = self._excerpt_headers[self._ring.text_at(int(offsets[lane]))]
            opening = self._vocabulary.encode(header)[: self.seq_len]
            tokens[lane, : len(opening)] = opening
        return Batch(tokens, resets)

    def _lay_out(self, epoch: int) -> None:
        if epoch == self._epoch:
            return
        draws = np.random.default_rng([self._seed, _LAYOUT, epoch])
        order = draws.permutation(len(self._weights))
        read = draws.random(len(order)) < self._weights[order]
        self._ring = Ring(self._tape, order[read] if read.any() else order)
        self._cut = int(draws.integers(self._ring.tokens))
        self._epoch = epoch


class Mixed:
    """Put the lanes of two corpora side by side; how long an epoch is, the first one says."""

    def __init__(self, batches: Batches, beside: Batches) -> None:
        """Take both; their chunks must be equally long."""
        assert batches.seq_len == beside.seq_len
        self._batches = batches
        self._beside = beside
        self.batch_size = batches.batch_size + beside.batch_size
        self.bytes_per_batch = batches.bytes_per_batch + beside.bytes_per_batch
        self.bytes_per_token = self.bytes_per_batch / (self.batch_size * batches.seq_len)
        self.steps_per_epoch = batches.steps_per_epoch

    def __getitem__(self, number: int) -> Batch:
        """Return batch `number`, counted from 0 over all epochs."""
        one, other = self._batches[number], self._beside[number]
        return Batch(np.concatenate([one.tokens, other.tokens]), np.concatenate([one.resets, other.resets]))
