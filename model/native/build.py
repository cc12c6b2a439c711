"""Compile the native library while the package is built, with the machine's C compiler or, without one, zig's.

The library is called through ctypes, so that one file serves every version of Python on a platform.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCES = Path(__file__).parent
_SUFFIXES = {"win32": ".dll", "darwin": ".dylib"}
_FLAGS = ("-std=c11", "-O3", "-fvisibility=hidden", "-shared", "-Wall", "-Wextra")


class NativeHook(BuildHookInterface[Any]):
    """Put the library into the source tree, where an editable install finds it, and into the wheel."""

    def dependencies(self) -> list[str]:
        """Return what the build needs besides hatchling: a compiler as a package, if there is none."""
        return [] if _system_compiler() else ["ziglang>=0.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatch's signature
        """Compile; a compiler that fails ends the build with what it said."""
        library = Path(self.root) / "model/foretype/model" / f"_native{_SUFFIXES.get(sys.platform, '.so')}"
        found = _system_compiler()
        compiler = found or [sys.executable, "-m", "ziglang", "cc"]
        flags = [*_FLAGS, *_machine_flags("x86-64-v2" if found else "x86_64_v2")]
        beside = library.with_name(library.name + ".new")
        command = [*compiler, *flags, *map(str, sorted(_SOURCES.glob("*.c"))), "-o", str(beside)]
        if sys.platform != "win32":
            command.append("-lm")
        subprocess.run(command, check=True)
        beside.replace(library)  # a server that runs keeps the file that it has mapped
        build_data["artifacts"].append(library.relative_to(self.root).as_posix())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def _system_compiler() -> list[str] | None:
    # on Windows the usual compiler knows none of these flags
    names = () if sys.platform == "win32" else ("cc", "gcc", "clang")
    found = next((path for name in names if (path := shutil.which(name))), None)
    return [found] if found else None


def _machine_flags(oldest_x86: str) -> list[str]:
    position_independent = [] if sys.platform == "win32" else ["-fPIC"]
    is_x86 = sysconfig.get_platform().endswith(("x86_64", "amd64"))
    return [*position_independent, *([f"-march={oldest_x86}"] if is_x86 else [])]
