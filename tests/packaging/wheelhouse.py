"""Wheels of what is installed here, made from the installation itself: so nothing needs to be fetched.

pip can then install a package with all that it says it needs, and with nothing else, without a network.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

_MADE_BY_INSTALLING = {"INSTALLER", "REQUESTED", "direct_url.json"}


def required(distribution_name: str) -> dict[str, Distribution]:
    """Return what a distribution needs without any extra, and what that needs, by normalised name."""
    found: dict[str, Distribution] = {}
    waiting = list(_needs(distribution(distribution_name), ()))
    while waiting:
        requirement = waiting.pop()
        name = normalised(requirement.name)
        needed = distribution(name)
        if name not in found or requirement.extras:
            found[name] = needed
            waiting += _needs(needed, tuple(requirement.extras))
    return found


def normalised(name: str) -> str:
    """Return a distribution's name as it stands in the names of wheels."""
    return re.sub(r"[-_.]+", "_", name).lower()


def repack(installed: Distribution, folder: Path) -> Path:
    """Write an installed distribution into `folder` as the wheel that it came from, but for its compiled Python."""
    tags = [tag.split("-") for tag in re.findall(r"^Tag: (.+)$", installed.read_text("WHEEL") or "", re.MULTILINE)]
    # a wheel for several tags is named for all of them, part by part
    tag = "-".join(".".join(sorted(set(part))) for part in zip(*tags, strict=True))
    path = folder / f"{normalised(installed.name)}-{installed.version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as wheel:
        for name, place in _files(installed):
            wheel.write(place, name)
    return path


def _files(installed: Distribution) -> Iterator[tuple[str, Path]]:
    for file in installed.files or ():
        # what lies outside of the packages, such as commands, is made anew by whoever installs the wheel
        outside = file.parts[0] in {"..", "/"} or Path(file).is_absolute()
        place = Path(str(file.locate()))
        if not outside and "__pycache__" not in file.parts and file.name not in _MADE_BY_INSTALLING and place.is_file():
            yield file.as_posix(), place


def _needs(of: Distribution, extras: tuple[str, ...]) -> Iterator[Requirement]:
    for requirement in map(Requirement, of.requires or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
            yield requirement


def missing(distribution_name: str) -> str | None:
    """Return why no wheelhouse can be made for a distribution, None if it can."""
    try:
        editable = [one.name for one in required(distribution_name).values() if not one.read_text("RECORD")]
    except PackageNotFoundError as error:
        return f"{error.name} is not installed"
    return f"{', '.join(editable)} is not installed from a wheel" if editable else None
