"""One segment of a project's memory: an FM-index of some files' text, on disk and mapped from there.

    segment.json   format number, sizes, the files: key, digest, size, where each begins
    text.npy       the files' bytes, a NUL before, between and after them
    bwt.npy, super.npy, block.npy, code.npy, symbol.npy, first.npy   the index, see native/fm_index.h
    places.npy, directory.npy   where each structure occurs, see postings.py

The text is reversed before it is indexed, so that reading a byte is one backward step; see `native/fm_index.h`.
Knows nothing of projects, or of why a file is in a segment.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from tokenize import TokenError
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model import postings
from foretype.model.atomic import new_folder
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.model.json_file import read_json
from foretype.model.native import CSegment, as_bytes, library, pointer

FORMAT = 3

SEPARATOR = 0
"""Stands between files and before the first byte of each; no text contains it."""

MAX_BYTES = 128 << 20
"""Building takes about 18 times this much memory for a moment."""

Rows = NDArray[np.uint32]
"""Of the index, ascending or in the text's order."""

_BLOCK_BYTES, _SUPER_BYTES = 512, 65536
_END = 255
_CHUNK_BYTES = 4096
POSTINGS = ("places", "directory")
_JSON, _ARRAYS = "segment.json", ("text", "bwt", "super", "block", "code", "symbol", "first", *POSTINGS)


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """Say where a file lies in a segment."""

    key: str
    """Its name for whoever owns the memory."""
    digest: str
    """Of its text; see `digest_of`."""
    nbytes: int
    start: int
    """Of its first byte in the segment's text."""
    row: int
    """Of the index, the one that predicts the first byte."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Hold the arrays of one segment."""

    files: tuple[IndexedFile, ...]
    arrays: dict[str, NDArray[Any]]

    @property
    def nbytes(self) -> int:
        """Bytes of text, separators included."""
        return len(self.arrays["text"])

    def text_of(self, file: IndexedFile) -> bytes:
        """Return a file's text."""
        return self.arrays["text"][file.start : file.start + file.nbytes].tobytes()

    def rows_of(self, file: IndexedFile) -> Rows:
        """Return the rows of the index that predict the file's bytes and its end, in the text's order."""
        return self._rows_from(file.row, file.nbytes + 1)

    def rows_after(self, context: bytes) -> range:
        """Return the rows of the index that predict what follows `context`."""
        pattern, low = as_bytes(context), np.zeros(1, np.uint32)
        bare = self.described()
        count = library().ft_segment_find(
            ctypes.byref(bare), pointer(pattern, np.uint8), len(pattern), pointer(low, np.uint32)
        )
        return range(int(low[0]), int(low[0]) + count)

    def place_of(self, row: int) -> tuple[IndexedFile, int]:
        """Return the file of which a row predicts a byte or the end, and that byte's offset; costs the file's rest."""
        separator = self.arrays["code"][SEPARATOR]
        left = 0
        while True:
            rows = self._rows_from(row, _CHUNK_BYTES)
            ends = np.flatnonzero(self.arrays["bwt"][rows[:-1]] == separator)
            if len(ends):
                break
            left += len(rows) - 1
            row = int(rows[-1])
        following = int(rows[ends[0] + 1])
        starts = [file.row for file in self.files]
        file = self.files[(starts.index(following) if following in starts else len(starts)) - 1]
        return file, file.nbytes - left - int(ends[0])

    def mask(self, files: Sequence[IndexedFile], known: Mapping[str, Rows] = MappingProxyType({})) -> Mask:
        """Return what makes these files keep silent; the rows of those in `known`, by key, need not be looked for."""
        parts = [known[file.key] if file.key in known else self.rows_of(file) for file in files]
        rows = np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.uint32)
        ranges = np.array(sorted((file.start, file.start + file.nbytes) for file in files), np.uint32).reshape(-1, 2)
        codes = np.ascontiguousarray(self.arrays["bwt"][rows])
        return Mask(rows, codes, self._counts(codes), *(np.ascontiguousarray(ends) for ends in ranges.T))

    def _counts(self, codes: NDArray[np.uint8]) -> NDArray[np.uint32]:
        counts = np.empty((len(codes) // _BLOCK_BYTES + 1, self.arrays["super"].shape[1]), np.uint32)
        library().ft_segment_count_masked(
            pointer(codes, np.uint8), len(codes), counts.shape[1], pointer(counts, np.uint32)
        )
        return counts

    def _rows_from(self, row: int, length: int) -> Rows:
        """Return the rows that predict this many bytes from the one that `row` predicts, fewer at the text's end."""
        rows = np.zeros(length, np.uint32)
        bare = self.described()
        found = library().ft_segment_rows(ctypes.byref(bare), row, length, pointer(rows, np.uint32))
        return rows[:found]

    def described(self, mask: Mask | None = None) -> CSegment:
        """Return the C structure; this segment and the mask must outlive it."""
        arrays = self.arrays
        return CSegment(
            pointer(arrays["bwt"], np.uint8),
            pointer(arrays["super"], np.uint32),
            pointer(arrays["block"], np.uint16),
            self.nbytes + 1,
            arrays["super"].shape[1],
            pointer(arrays["code"], np.uint8),
            pointer(arrays["symbol"], np.uint8),
            pointer(arrays["first"], np.uint32),
            pointer(mask.rows, np.uint32) if mask else None,
            pointer(mask.codes, np.uint8) if mask else None,
            pointer(mask.counts, np.uint32) if mask else None,
            len(mask.rows) if mask else 0,
            pointer(arrays["text"], np.uint8),
            postings.described(arrays["places"], arrays["directory"]),
            pointer(mask.silent_from, np.uint32) if mask else None,
            pointer(mask.silent_to, np.uint32) if mask else None,
            len(mask.silent_from) if mask else 0,
        )


@dataclass(frozen=True, slots=True)
class Mask:
    """Hold what of a segment must not answer, ascending: rows, codes in them, and each file's first and last place."""

    rows: NDArray[np.uint32]
    codes: NDArray[np.uint8]
    counts: NDArray[np.uint32]
    """(blocks, codes): of each code before a block of rows."""
    silent_from: NDArray[np.uint32]
    silent_to: NDArray[np.uint32]


def digest_of(text: bytes) -> str:
    """Return what tells a file's text from any other."""
    return blake2b(text, digest_size=16).hexdigest()


def build(texts: Sequence[tuple[str, bytes]]) -> Segment:
    """Index files given as (key, text), in memory; none at all or too much text raises ValueError."""
    from pydivsufsort import divsufsort

    total = sum(len(text) + 1 for _, text in texts) + 1
    if not texts or total > MAX_BYTES:
        raise ValueError(f"expected 1 to {MAX_BYTES} bytes for one segment, got {total}")
    text = np.frombuffer(b"\0" + b"".join(text + b"\0" for _, text in texts), np.uint8)
    backwards = np.ascontiguousarray(text[::-1])
    with ThreadPoolExecutor(1) as beside:  # both spend their time in native code
        found = beside.submit(postings.build, text)
        suffixes = divsufsort(backwards)
        arrays = {"text": text, **transform(backwards, suffixes), **found.result()}
    starts = np.cumsum([1, *(len(content) + 1 for _, content in texts)])[:-1]
    rows = _rows_at(suffixes, total - starts)
    files = [
        IndexedFile(key, digest_of(content), len(content), int(start), int(row))
        for (key, content), start, row in zip(texts, starts, rows, strict=True)
    ]
    return Segment(tuple(files), arrays)


def transform(backwards: NDArray[np.uint8], suffixes: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    """Return the arrays of native/fm_index.h for a reversed text and its suffix array, but for the text itself."""
    n = len(backwards)
    native, counts = library(), np.empty(256, np.uint32)
    native.ft_segment_frequencies(pointer(backwards, np.uint8), n, pointer(counts, np.uint32))
    symbols = np.flatnonzero(counts)
    code = np.full(256, _END, np.uint8)
    code[symbols] = np.arange(len(symbols))
    symbol, first = np.zeros(256, np.uint8), np.zeros(256, np.uint32)
    symbol[: len(symbols)] = symbols
    first[: len(symbols)] = 1 + np.concatenate([[0], np.cumsum(counts[symbols])[:-1]])
    rows = n + 1
    bwt = np.full(-(-rows // _BLOCK_BYTES) * _BLOCK_BYTES, _END, np.uint8)
    super_ = np.zeros((rows // _SUPER_BYTES + 1, len(symbols)), np.uint32)
    block = np.zeros((rows // _BLOCK_BYTES + 1, len(symbols)), np.uint16)
    native.ft_segment_transform(
        pointer(backwards, np.uint8), pointer(suffixes, np.int32), n, pointer(code, np.uint8), pointer(bwt, np.uint8)
    )
    native.ft_segment_count(
        pointer(bwt, np.uint8), rows, len(symbols), pointer(super_, np.uint32), pointer(block, np.uint16)
    )
    return {"bwt": bwt, "super": super_, "block": block, "code": code, "symbol": symbol, "first": first}


def _rows_at(suffixes: NDArray[np.int32], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row of the suffix that starts at each of these separators; row 0 is the empty suffix.

    A separator is the least of all bytes, so what begins with one is sorted before everything else.
    """
    first = suffixes[: len(places) + 1]
    order = np.argsort(first)
    return np.asarray(order[np.searchsorted(first, places, sorter=order)] + 1)


def save(segment: Segment, folder: Path) -> None:
    """Write a segment to `folder`, which must not exist; a crash leaves no folder of that name."""
    with new_folder(folder) as target:
        for name in _ARRAYS:
            np.save(target / f"{name}.npy", segment.arrays[name], allow_pickle=False)
        about = {"format": FORMAT, "files": [asdict(file) for file in segment.files]}
        (target / _JSON).write_text(json.dumps(about), encoding="utf-8")


def load(folder: Path) -> Segment:
    """Map the segment in `folder`; one that is missing, cut short or foreign raises CheckpointError."""
    try:
        about = read_json(folder / _JSON)
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']!r}, expected {FORMAT}")
        files = tuple(IndexedFile(**values) for values in about["files"])
        if linked := [path.name for path in folder.iterdir() if path.is_symlink()]:
            raise ValueError(f"{linked[0]} is a link")
        with np.errstate(over="raise"):  # a header may declare more than 2^64 bytes
            arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
        _check(files, arrays)
    except (*DAMAGE, SyntaxError, TokenError) as error:  # numpy reads the header of an array as Python does
        raise CheckpointError(f"{folder} is no whole segment of a memory ({error})") from error
    return Segment(files, arrays)


def _check(files: tuple[IndexedFile, ...], arrays: dict[str, NDArray[Any]]) -> None:
    """Hold every size against the text's, and every number that becomes an index against what it indexes."""
    rows = len(arrays["text"]) + 1
    sigma = arrays["super"].shape[-1]
    expected: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
        "text": (np.uint8, (rows - 1,)),
        "bwt": (np.uint8, (-(-rows // _BLOCK_BYTES) * _BLOCK_BYTES,)),
        "super": (np.uint32, (rows // _SUPER_BYTES + 1, sigma)),
        "block": (np.uint16, (rows // _BLOCK_BYTES + 1, sigma)),
        "code": (np.uint8, (256,)),
        "symbol": (np.uint8, (256,)),
        "first": (np.uint32, (256,)),
    }
    for name, (dtype, shape) in expected.items():
        if arrays[name].dtype != dtype or arrays[name].shape != shape:
            raise ValueError(f"{name} has shape {arrays[name].shape}, expected {shape}")
    if not all(array.flags.c_contiguous for array in arrays.values()):
        raise ValueError("an array is not in the order of C")
    postings.check(arrays["places"], arrays["directory"])
    if not all(type(number) is int for file in files for number in (file.nbytes, file.start, file.row)):
        raise ValueError("a file lies at no place")
    if not all(isinstance(word, str) for file in files for word in (file.key, file.digest)):
        raise ValueError("a file has no name")
    if sum(file.nbytes + 1 for file in files) + 1 != rows - 1:
        raise ValueError("the files are not the text")
    codes = arrays["code"]
    if not 0 < sigma < _END or np.any((codes >= sigma) & (codes != _END)):
        raise ValueError("codes do not fit the alphabet")
    if any(not (0 <= file.row < rows and file.start > 0 and 0 <= file.nbytes < rows - file.start) for file in files):
        raise ValueError("a file lies outside the text")
