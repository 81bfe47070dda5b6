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
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dfsrt.base.cache_folder import cache_root, why_unusable
from dfsrt.base.callees import callees
from dfsrt.base.installed import installed
from dfsrt.base.notice import notice
from dfsrt.base.reading import file_digest
from dfsrt.base.shipped import Shipped, shipped
from dfsrt.base.sources import PACKAGE, package_digest

if TYPE_CHECKING:
    from dfsrt.base.checked_cache import CheckedCache

Function = TypeVar("Function", bound=Callable[..., object])

FOLDERS = 16
"""Folders of machine code that are left on disk: those used last."""
_OURS = re.compile(r"[0-9a-f]{16}")


def compiled(
    function: Function,
    helpers: tuple[Callable[..., object], ...] = (),
    inlined: tuple[str, ...] = (),
    allocates: bool = True,
    what: str = "",
) -> Function:
    """Return ``function`` as machine code; it and the ``helpers`` it calls stay plain Python.

    ``inlined`` names modules whose functions are copied to where they are called: a call passes
    every array of every argument by the stack, which costs a short function more than its work.
    A function that makes no arrays ``allocates`` nothing: numba then leaves out counting
    references, which costs a kernel over arrays ten times its own work. ``what`` takes seconds to
    compile, as a line on standard error says then.

    The machine code is cached on disk under a digest of every source file of the package and of
    the functions' own files, so that no change in a helper or a constant is missed. Where nothing
    can be kept there it is compiled in every process: numba's own fallback, beside the source,
    would not see such a change.

    What is shipped for this platform and these very sources is taken instead, see ``shipped``.
    Where nothing is, and there is no compiler, it is ``function`` itself.

    Limits: constants that a function from outside the package takes from yet another file outside
    it are not watched.
    """
    library = None if allocates else shipped(function)
    here = partial(made_here, function, helpers, inlined, allocates, what)
    return cast(Function, here() if library is None else Shipped(library, here))


@cache
def made_here(
    function: Function,
    helpers: tuple[Callable[..., object], ...] = (),
    inlined: tuple[str, ...] = (),
    allocates: bool = True,
    what: str = "",
) -> Function:
    """Return ``function`` as machine code made on this machine; see ``compiled``."""
    if not can_compile():
        return function
    helpers = helpers or callees(function)
    made: Any = jitted(function, helpers, inlined, allocates)
    with _numba_folder(_folder(_files_outside((function, *helpers)))) as usable:
        kept = _cache_of(function, what) if usable else None
    if kept is not None:
        made._cache = kept
    elif what:
        _say(what, kept=False)
    return made  # type: ignore[no-any-return]


def _cache_of(function: Callable[..., object], what: str) -> CheckedCache | None:
    """Return the cache of ``function``; None where there is no folder that can be used."""
    from dfsrt.base.checked_cache import CheckedCache

    try:
        return CheckedCache(function, lambda: _say(what, kept=True))
    except (OSError, RuntimeError):  # a full disk, a file in the folder's place
        return None


def jitted(
    function: Function,
    helpers: tuple[Callable[..., object], ...],
    inlined: tuple[str, ...],
    allocates: bool,
    for_python: bool = True,
) -> Function:
    """Return what compiles ``function``, and the ``helpers`` it calls, when it is called.

    The rest is as in ``compiled``; what is not ``for_python`` cannot be called from there.
    """
    import numba
    from numba.extending import register_jitable

    from dfsrt.base.linked import HelperCompiler

    for helper in helpers:
        register_jitable(
            forceinline=helper.__module__ in inlined,
            no_cfunc_wrapper=True,
            pipeline_class=HelperCompiler,
        )(helper)
    jit: Any = numba.njit  # its stubs do not know _nrt
    wrappers = {"no_cpython_wrapper": not for_python, "no_cfunc_wrapper": not for_python}
    return jit(function, _nrt=allocates, **wrappers)  # type: ignore[no-any-return]


def can_compile() -> bool:
    """Return whether the compiler is installed, without loading it."""
    return bool(installed("numba"))


def has_machine_code(function: Callable[..., object]) -> bool:
    """Return whether machine code of a function of this package is there, without loading numba.

    It may be shipped, or in the cache.

    Limits: it may be of another processor; then it is compiled anew.
    """
    if shipped(function) is not None:
        return True
    folder = _folder(())
    if folder is None:
        return False
    name = f"{function.__module__.rsplit('.', maxsplit=1)[-1]}.{function.__qualname__}"
    return any(folder.glob(f"*/{name}-*.nbi"))


def _say(what: str, kept: bool) -> None:
    if what and kept:
        notice(f"compiling {what}; once, the machine code is kept in {_root()}")
    elif what:
        reason = why_unusable(_root()) or "the sources are changing"
        notice(f"compiling {what}; again in each process, for {_root()} cannot be used: {reason}")


def _files_outside(functions: tuple[Callable[..., object], ...]) -> tuple[Path, ...]:
    """The source files of ``functions`` that the package's digest does not cover."""
    files = {Path(inspect.getsourcefile(f) or "").resolve() for f in functions}
    return tuple(sorted(file for file in files if not file.is_relative_to(PACKAGE)))


def _root() -> Path:
    """Where machine code is kept: the user's choice for all that numba compiles, else our own."""
    chosen = os.environ.get("NUMBA_CACHE_DIR", "")
    return Path(chosen) / "dfsrt" if chosen else cache_root()


def _folder(outside: tuple[Path, ...]) -> Path | None:
    """The folder for these sources, versions and files ``outside``; None where none is."""
    root = _root()
    package = None if why_unusable(root) else _package_digest(root)
    if package is None:
        return None
    parts = [package, installed("numba"), installed("llvmlite"), sys.version]
    parts += [file_digest(file) for file in outside]
    return root / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def _package_digest(root: Path) -> str | None:
    return package_digest(root / "sources")


@contextmanager
def _numba_folder(folder: Path | None) -> Iterator[bool]:
    """Let numba cache in ``folder``; yields whether it can. The user's choice comes back after."""
    from numba import config as numba_config

    config: Any = numba_config  # its settings are made at run time
    chosen, locators = config.CACHE_DIR, getattr(config, "CACHE_LOCATOR_CLASSES", "")
    config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = str(folder or ""), ""
    try:
        yield folder is not None and _claim(folder)
    finally:
        config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = chosen, locators


def _claim(folder: Path) -> bool:
    """Make ``folder`` or mark it as used now; where it is new, the ones used longest ago go."""
    new = not folder.is_dir()
    if why_unusable(folder):
        return False
    with suppress(OSError):  # another process may clean at the same time
        os.utime(folder)
        if new:
            _remove_oldest(folder.parent)
    return True


def _remove_oldest(root: Path) -> None:
    folders = {}
    for folder in (f for f in root.iterdir() if _OURS.fullmatch(f.name)):
        with suppress(FileNotFoundError):  # another process was first
            folders[folder] = folder.lstat().st_mtime_ns
    for folder in sorted(folders, key=lambda f: folders[f])[:-FOLDERS]:
        shutil.rmtree(folder, ignore_errors=True)
