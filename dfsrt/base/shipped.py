"""Machine code that is shipped: made once for a platform, so that nobody waits for a compiler.

On the shelf ``machinecode`` a platform has a shared library for each function, and a card that
says of which sources each was made and for which arguments. It needs neither numba nor a compiler.
"""

from __future__ import annotations

import ctypes
import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import EnumMeta
from functools import cache
from itertools import chain
from pathlib import Path
from types import FunctionType, ModuleType

from dfsrt.base.callees import callees
from dfsrt.base.reading import file_digest
from dfsrt.base.shelf import MACHINE_CODE, find_entry, this_platform
from dfsrt.base.words import Argument, layout_of, words_of

ENTRY = "dfsrt_entry"
"""The function of a library: takes words, writes a whole number before them, returns a status."""
_FINE = (0, -2)
"""Statuses of numba's calling convention: it returned, or returned nothing."""


_Entry = Callable[[object], int]


@dataclass(frozen=True, slots=True)
class Library:
    """A function's library: its name, its entry, and the layout of each argument it takes."""

    name: str
    entry: _Entry
    layouts: tuple[str, ...]


@cache
def shipped(function: Callable[..., object]) -> Library | None:
    """Return the library of a function; None where none is for this platform and these sources.

    A file that is not as it was made, or cannot be loaded, is none.

    Limits: sources that change under a running process are not noticed.
    """
    folder = find_entry(MACHINE_CODE, this_platform())
    if folder is None:
        return None
    try:
        card = tomllib.loads((folder / "card.toml").read_text(encoding="utf-8"))
        line = card["function"][name_of(function)]
        path = folder / line["file"]
        wanted = line["sources"], line["library"]
        if wanted != (sources_digest(function), file_digest(path)):
            return None
        return Library(path.name, _entry_of(path), tuple(line["arguments"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _entry_of(path: Path) -> _Entry:
    entry = ctypes.PyDLL(str(path))[ENTRY]
    entry.restype, entry.argtypes = ctypes.c_int32, [ctypes.c_void_p]
    return entry


def name_of(function: Callable[..., object]) -> str:
    """Return a function's name on the card: its module and its own."""
    return f"{function.__module__}.{function.__qualname__}"


def sources_digest(function: Callable[..., object]) -> str:
    """Return a digest of all sources that its machine code is made of.

    These are the files of the functions that it calls, and the constants that those take from
    elsewhere.
    """
    functions = [f for f in (*callees(function), function) if isinstance(f, FunctionType)]
    files = {f.__module__: Path(f.__code__.co_filename) for f in functions}
    digest = hashlib.sha256()
    for module in sorted(files):
        digest.update(f"{module} {file_digest(files[module])}\n".encode())
    for constant in sorted({line for f in functions for line in _constants(f)}):
        digest.update(f"{constant}\n".encode())
    return digest.hexdigest()


def _constants(function: FunctionType) -> Iterator[str]:
    """Yield each global that is a number, a tuple of such or an enumeration, with its value."""
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, EnumMeta):
            yield f"{function.__module__}.{name} = {[(m.name, m.value) for m in value]}"  # type: ignore[var-annotated]
        elif value is not None and not isinstance(value, type | FunctionType | ModuleType):
            yield f"{function.__module__}.{name} = {value!r}"


class Shipped:
    """A shipped function, called as the one that it was made of, for one run.

    Arguments that its library was not made for go to ``otherwise()``, machine code made here.

    Raises:
        ArithmeticError: what it calls raised an exception.
    """

    def __init__(self, library: Library, otherwise: Callable[[], Callable[..., object]]) -> None:
        self._library, self._otherwise = library, otherwise
        self._held: list[object] = [_NOTHING] * len(library.layouts)
        self._pieces: list[list[int]] = [[]] * len(library.layouts)
        self._words = (ctypes.c_int64 * 1)()

    def __call__(self, *arguments: Argument) -> object:
        """Run it; arguments that are those of the last call are not laid out anew."""
        if len(arguments) != len(self._held):
            return self._otherwise()(*arguments)
        changed = False
        for k, argument in enumerate(arguments):
            if argument is not self._held[k]:
                if layout_of(argument) != self._library.layouts[k]:
                    return self._otherwise()(*arguments)
                self._pieces[k], self._held[k], changed = words_of(argument), argument, True
        if changed:
            words = [0, *chain.from_iterable(self._pieces)]
            self._words = (ctypes.c_int64 * len(words))(*words)
        status = self._library.entry(self._words)
        if status not in _FINE:
            raise ArithmeticError(f"{self._library.name} ended with status {status}")
        return self._words[0]


_NOTHING = object()
"""In place of an argument: there was no call yet."""
