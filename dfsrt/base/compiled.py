"""Compiled functions: plain Python that numba compiles on first use and caches on disk."""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dfsrt.base.callees import callees

Function = TypeVar("Function", bound=Callable[..., Any])


@cache
def compiled(
    function: Function,
    helpers: tuple[Callable[..., Any], ...] = (),
    inlined: tuple[Callable[..., Any], ...] = (),
    allocates: bool = True,
) -> Function:
    """Return ``function`` as machine code; it and the ``helpers`` it calls stay plain Python.

    ``inlined`` are helpers of the innermost loop: inlining makes calls free and compiling slow.
    A function that makes no arrays ``allocates`` nothing: numba then leaves out counting
    references, which costs a kernel over arrays ten times its own work.

    The machine code is cached on disk under a digest of all the source files it came from, so
    that a change in a helper is never missed. Where nothing can be written there it is compiled
    in every process: numba's own fallback, beside the source, would not see such a change.
    """
    import numba
    from numba.extending import register_jitable

    jit: Any = numba.njit  # its stubs do not know _nrt
    helpers = tuple(f for f in helpers or callees(function) if f not in inlined)
    for helper in helpers:
        register_jitable(helper)
    for helper in inlined:
        register_jitable(inline="always")(helper)
    with _cache_folder(_digest((function, *helpers, *inlined, _digest))) as usable:
        return jit(function, cache=usable, _nrt=allocates)  # type: ignore[no-any-return]


def _digest(functions: tuple[Callable[..., Any], ...]) -> str:
    files = sorted({inspect.getsourcefile(f) or "" for f in functions})
    content = b"".join(Path(file).read_bytes() for file in files)
    return hashlib.sha256(content + sys.version.encode()).hexdigest()[:16]


@contextmanager
def _cache_folder(digest: str) -> Iterator[bool]:
    """Let numba cache in a folder of its own for this digest; the user's choice stays the root.

    Yields whether that folder can be written.
    """
    from numba import config as numba_config

    config: Any = numba_config  # its settings are made at run time

    chosen = config.CACHE_DIR
    root = Path(chosen) if chosen else _user_cache() / "dfsrt"
    config.CACHE_DIR = str(root / digest)
    try:
        yield _can_write(root / digest)
    finally:
        config.CACHE_DIR = chosen


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _user_cache() -> Path:
    told = os.environ.get("XDG_CACHE_HOME", "")
    return Path(told) if told else Path("~/.cache").expanduser()
