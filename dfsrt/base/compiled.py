"""Compiled functions: plain Python that numba compiles on first use and caches on disk."""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dfsrt.base.callees import callees
from dfsrt.base.sources import PACKAGE, package_digest

Function = TypeVar("Function", bound=Callable[..., object])

FOLDERS = 16
"""Folders of machine code that are left on disk: those used last."""
_OURS = re.compile(r"[0-9a-f]{16}")


@cache
def compiled(
    function: Function,
    helpers: tuple[Callable[..., object], ...] = (),
    inlined: tuple[str, ...] = (),
    allocates: bool = True,
) -> Function:
    """Return ``function`` as machine code; it and the ``helpers`` it calls stay plain Python.

    ``inlined`` names modules whose functions are copied to where they are called: a call passes
    every array of every argument by the stack, which costs a short function more than its work.
    A function that makes no arrays ``allocates`` nothing: numba then leaves out counting
    references, which costs a kernel over arrays ten times its own work.

    The machine code is cached on disk under a digest of every source file of the package and of
    the functions' own files, so that no change in a helper or a constant is missed. Where nothing
    can be written there it is compiled in every process: numba's own fallback, beside the source,
    would not see such a change.

    Limits: constants that a function from outside the package takes from yet another file outside
    it are not watched.
    """
    import numba
    from numba.extending import register_jitable

    jit: Any = numba.njit  # its stubs do not know _nrt
    helpers = helpers or callees(function)
    for helper in helpers:
        register_jitable(forceinline=helper.__module__ in inlined)(helper)
    with _cache_folder(_files_outside((function, *helpers))) as usable:
        return jit(function, cache=usable, _nrt=allocates)  # type: ignore[no-any-return]


def _files_outside(functions: tuple[Callable[..., object], ...]) -> tuple[Path, ...]:
    """The source files of ``functions`` that the package's digest does not cover."""
    files = {Path(inspect.getsourcefile(f) or "").resolve() for f in functions}
    return tuple(sorted(file for file in files if not file.is_relative_to(PACKAGE)))


@contextmanager
def _cache_folder(outside: tuple[Path, ...]) -> Iterator[bool]:
    """Let numba cache in a folder of its own for these sources; the user's choice stays the root.

    Yields whether that folder can be used.
    """
    from numba import config as numba_config

    config: Any = numba_config  # its settings are made at run time
    chosen = config.CACHE_DIR
    root = (Path(chosen) if chosen else _user_cache()) / "dfsrt"
    digest = _digest(root, outside) if _can_write(root) else None
    config.CACHE_DIR = str(root / (digest or ""))
    try:
        yield digest is not None and _claim(root / digest)
    finally:
        config.CACHE_DIR = chosen


def _digest(root: Path, outside: tuple[Path, ...]) -> str | None:
    package = _package_digest(root)
    if package is None:
        return None
    import numba

    parts = [package, numba.__version__, sys.version]
    parts += [hashlib.sha256(file.read_bytes()).hexdigest() for file in outside]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def _package_digest(root: Path) -> str | None:
    return package_digest(root / "sources")


def _claim(folder: Path) -> bool:
    """Make ``folder`` or mark it as used now; where it is new, the ones used longest ago go."""
    new = not folder.is_dir()
    if not _can_write(folder):
        return False
    with suppress(OSError):  # another process may clean at the same time
        os.utime(folder)
        if new:
            _remove_oldest(folder.parent)
    return True


def _remove_oldest(root: Path) -> None:
    folders = [f for f in root.iterdir() if _OURS.fullmatch(f.name)]
    for folder in sorted(folders, key=lambda f: f.stat().st_mtime_ns)[:-FOLDERS]:
        shutil.rmtree(folder, ignore_errors=True)


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _user_cache() -> Path:
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    return Path(chosen) if chosen else Path("~/.cache").expanduser()
