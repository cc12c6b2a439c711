"""The models of this user: named folders in the data directory, numbered versions, one promoted version per name.

    models/NAME/VERSION/   one checkpoint, never changed once written
    models/NAME/promoted   the version that serves
    models/current         the name that serves when none is asked for

Knows nothing of what makes a version worth promoting.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model import atomic, checkpoint
from foretype.model.checkpoint import Checkpoint
from foretype.model.config import Config, Unit
from foretype.model.errors import CheckpointError, UserError
from foretype.model.patience import patiently
from foretype.model.sources import Sources
from foretype.model.vocabulary import BYTES, Vocabulary

DATA_DIR_VARIABLE = "FORETYPE_DATA_DIR"
BASE_NAME = "base"
"""Of the model that comes with the package; nothing else can have it."""

DEFAULT_NAME = "default"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAKEN_NAME = re.compile(r"current|(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?|.*\.", re.IGNORECASE)
"""Names of no folder: the file beside them, and what Windows takes for a device or cuts the end off."""
_VERSION = re.compile(r"\d{4,}")
_LONGEST_WORD = 64
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)
"""What a rename says where somebody else's version has taken the number."""


def data_dir() -> Path:
    """Return the folder of everything that Foretype keeps for this user; it may not exist yet."""
    if override := os.environ.get(DATA_DIR_VARIABLE):
        return Path(override)
    import platformdirs

    return Path(platformdirs.user_data_dir("foretype", appauthor=False))


def close_to_others() -> None:
    """Take others' rights to the data directory away, which older versions made with those that are usual.

    One that the user has named is left as it is: it may be shared on purpose. On Windows the profile has its rights.
    """
    if not os.environ.get(DATA_DIR_VARIABLE) and open_to_others(folder := data_dir()):
        with suppress(OSError):  # what reads only goes on
            folder.chmod(0o700)


def open_to_others(folder: Path) -> bool:
    """Tell whether other users of this machine have any right to a folder of this user's; never on Windows."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    ours = sys.platform != "win32" and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return ours and found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) != 0


def memories_dir() -> Path:
    """Return the folder below which every project's memory has its own."""
    return data_dir() / "memories"


@dataclass(frozen=True, slots=True)
class Registry:
    """Find and promote models under `root`, the data directory."""

    root: Path

    @classmethod
    def default(cls) -> Registry:
        """Return the registry in the user's data directory."""
        return cls(data_dir())

    def current_name(self) -> str | None:
        """Return the name that serves, None before anything was promoted."""
        return _read_word(self._models / "current")

    def trained_name(self) -> str:
        """Return the name that learning adds a version to if none is asked for; the default where the base serves."""
        current = self.current_name()
        return current if current and current != BASE_NAME else DEFAULT_NAME

    def names(self) -> list[str]:
        """Return all names with at least one version, sorted."""
        if not self._models.is_dir():
            return []
        found = [path.name for path in self._models.iterdir() if _is_name(path.name) and path.is_dir()]
        return sorted(name for name in found if self.versions(name))

    def versions(self, name: str) -> list[str]:
        """Return the versions of `name`, oldest first."""
        folder = self._folder(name)
        if not folder.is_dir():
            return []
        found = [path.name for path in folder.iterdir() if _VERSION.fullmatch(path.name)]
        return sorted(found, key=int)

    def promoted(self, name: str) -> str | None:
        """Return the version of `name` that serves."""
        return _read_word(self._folder(name) / "promoted")

    def unit(self, name: str) -> Unit | None:
        """Return what the version of `name` that serves reads, else its newest; None if that is damaged or missing."""
        versions = self.versions(name)
        if not versions:
            return None
        try:
            return self.version(name, self.promoted(name) or versions[-1]).config.unit
        except CheckpointError:
            return None

    def add(
        self,
        name: str,
        config: Config,
        weights: Mapping[str, NDArray[np.float32]],
        graph: bytes,
        metrics: Mapping[str, Any],
        learnt_from: Sources | None = None,
        vocabulary: Vocabulary = BYTES,
    ) -> str:
        """Write the next version of `name` and return its number; another process may be adding one as well."""
        while True:
            last = max((int(version) for version in self.versions(name)), default=0)
            folder = self._folder(name) / f"{last + 1:04d}"
            try:
                checkpoint.save(folder, config, weights, graph, metrics, learnt_from=learnt_from, vocabulary=vocabulary)
            except OSError as error:
                if error.errno not in _TAKEN or not folder.exists():
                    raise
            else:
                return folder.name

    def promote(self, name: str, version: str) -> None:
        """Let this version serve for its name; it must exist and be whole."""
        checkpoint.load(self._folder(name) / version)
        atomic.write_file(self._folder(name) / "promoted", version.encode())

    def demote(self, name: str) -> None:
        """Let no version of this name serve; the base does if the name was the current one."""
        if self.current_name() == name:
            (self._models / "current").unlink()
        (self._folder(name) / "promoted").unlink(missing_ok=True)

    def use(self, name: str) -> None:
        """Let this name serve when none is asked for; a version of it must have been promoted, or it is the base's."""
        if name != BASE_NAME and self.promoted(name) is None:
            raise self._unknown(name)
        self.find(name)
        atomic.write_file(self._models / "current", name.encode())

    def roll_back(self, name: str) -> str:
        """Let the version before the one that serves serve again and return it; without one UserError is raised."""
        serving = self.promoted(name)
        if serving is None:
            raise self._unknown(name)
        earlier = [version for version in self.versions(name) if int(version) < int(serving)]
        if not earlier:
            raise UserError(
                f"{name!r} has no version before {serving}; `foretype models use {BASE_NAME}` serves the base"
            )
        self.promote(name, earlier[-1])
        return earlier[-1]

    def remove(self, name: str, version: str | None = None) -> None:
        """Delete a version that does not serve, or a name with all its versions; the base then serves in its place."""
        self.finish_removals()
        if not self.versions(name):
            raise self._unknown(name)
        if version is None:
            if self.current_name() == name:
                (self._models / "current").unlink()
            atomic.remove_folder(self._folder(name))
        elif version not in self.versions(name):
            raise UserError(f"{name!r} has no version {version!r}; it has {', '.join(self.versions(name))}")
        elif version == self.promoted(name):
            raise UserError(f"version {version} of {name!r} serves; roll back first, or remove {name!r} as a whole")
        else:
            atomic.remove_folder(self._folder(name) / version)

    def sweep(self, name: str) -> None:
        """Remove versions that a killed process left half-written or half-removed; not while another writes one."""
        self.finish_removals()
        for path in self._folder(name).glob(".[0-9]*-*"):
            shutil.rmtree(path, ignore_errors=True)

    def finish_removals(self) -> None:
        """Delete names whose removal was cut off: no command sees them any more."""
        for path in self._models.glob(f".*{atomic.REMOVED}"):
            shutil.rmtree(path, ignore_errors=True)

    def version(self, name: str, version: str) -> Checkpoint:
        """Return one version, whether it serves or not; one that is damaged raises CheckpointError."""
        return checkpoint.load(self._folder(name) / version)

    def find(self, model: str | None = None) -> Checkpoint:
        """Return the checkpoint of a name or of a folder's path, by default the one that serves.

        Before anything was trained that is the base model. One that cannot be had raises UserError.
        """
        if model is not None and _looks_like_path(model):
            return checkpoint.load(Path(model))
        name = self.current_name() if model is None else model
        if name is None or name == BASE_NAME:
            return _base()
        version = self.promoted(name)
        if version is None:
            raise self._unknown(name)
        try:
            return checkpoint.load(self._folder(name) / version)
        except CheckpointError:
            if model is None and not self.versions(name):
                return _base()
            raise

    def _unknown(self, name: str) -> UserError:
        known = ", ".join([BASE_NAME, *self.names()])
        return UserError(f"no model named {name!r}; known: {known}; `foretype train PATH --name {name}` makes one")

    @property
    def _models(self) -> Path:
        return self.root / "models"

    def _folder(self, name: str) -> Path:
        if not _is_name(name):
            raise UserError(
                f"a model's name is made of letters, digits, dot, dash and underscore, does not end with a dot and is "
                f"no name that a system has taken, such as current or con; got {name!r}"
            )
        if name == BASE_NAME:
            raise UserError(f"{BASE_NAME!r} came with the package and is never changed or removed; name another model")
        return self._models / name


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and _TAKEN_NAME.fullmatch(name) is None


def _base() -> Checkpoint:
    return checkpoint.load(Path(__file__).with_name(BASE_NAME))


def _looks_like_path(model: str) -> bool:
    if not model:
        return False
    return "/" in model or os.sep in model or not _NAME.fullmatch(model) or checkpoint.is_in(Path(model))


def _read_word(path: Path) -> str | None:
    try:
        with patiently(lambda: path.open("rb")) as file:
            word = file.read(_LONGEST_WORD + 1).decode().strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); say what is to serve: foretype models use NAME") from error
    if word and not _NAME.fullmatch(word):
        raise CheckpointError(f"{path} is damaged; say what is to serve: foretype models use NAME")
    return word or None
