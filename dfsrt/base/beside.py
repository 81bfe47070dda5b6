"""What is written beside its place: locked while its command lives, so that others know.

A command that is killed leaves such files. The next that writes to the same place removes them.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.left_behind import EARLIER, remove, remove_left
from dfsrt.base.lock import lock_alone
from dfsrt.base.undisturbed import undisturbed

_DRAWN = "[a-z0-9_]{8}"
"""What ``tempfile`` makes names different with."""
_TRIES = 100


@dataclass(frozen=True, eq=False)
class Beside:
    """A new file, or folder, beside the place that it is for; ``lock`` is held until it ends.

    There is none on Windows, where nothing that is open can be moved.
    """

    path: Path
    lock: int | None

    def end(self) -> None:
        """Remove what has not been moved to its place, and let others."""
        if self in _LIVE:
            remove(self.path)
            remove(self.earlier)
            _LIVE.discard(self)
            if self.lock is not None:
                os.close(self.lock)

    @property
    def earlier(self) -> Path:
        """Second name for what is at the place, until all outputs of a command are there."""
        return self.path.with_name(self.path.name + EARLIER)


_LIVE: set[Beside] = set()


def begin_file(place: Path, suffix: str) -> Beside:
    """Make a file beside ``place`` whose name ends in ``suffix``, after what was left there.

    Raises:
        OSError: it cannot be made.
    """
    return _begin(place, f".{place.stem}.tmp-", suffix, folder=False)


def begin_folder(place: Path) -> Beside:
    """Make a folder beside ``place``, after what was left there.

    Raises:
        OSError: it cannot be made.
    """
    return _begin(place, f".{place.name}.tmp-", "", folder=True)


def end_all() -> None:
    """Remove all that has been begun beside its place and is not there yet."""
    for beside in tuple(_LIVE):
        beside.end()


def _begin(place: Path, prefix: str, suffix: str, folder: bool) -> Beside:
    remove_left(place, re.compile(f"{re.escape(prefix)}{_DRAWN}{re.escape(suffix)}"), folder)
    for _ in range(_TRIES):
        with undisturbed():
            beside = _locked(_made(place.parent, prefix, suffix, folder))
            if beside is not None:
                _LIVE.add(beside)
                return beside
    raise FileExistsError(f"others remove what is made beside '{place}'")


def _made(folder: Path, prefix: str, suffix: str, is_folder: bool) -> Path:
    if is_folder:
        return Path(tempfile.mkdtemp(suffix, prefix, folder))
    handle, name = tempfile.mkstemp(suffix, prefix, folder)
    os.close(handle)
    return Path(name)


def _locked(path: Path) -> Beside | None:
    """Lock what was made; None where another has taken it for something left, and removed it."""
    if sys.platform == "win32":
        return Beside(path, None)
    with suppress(FileNotFoundError):
        lock = os.open(path, os.O_RDONLY)
        with suppress(OSError):  # a file system without locks: what is left there stays
            lock_alone(lock)
        if path.exists() and os.path.samestat(path.stat(), os.fstat(lock)):
            return Beside(path, lock)
        os.close(lock)
    return None
