"""Where the files lie that other files name: beside them, or where the user works."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dfsrt.base.errors import InputError

_NAMED: set[Path] = set()
"""Files that whoever calls dfsrt has named in this process."""


def path_from(folder: Path, name: str) -> str:
    """Return the path from ``folder`` to a file that the user has named, for a file there.

    What dfsrt itself writes so may be read again in the same process.
    """
    whole = Path(name).resolve()
    _NAMED.add(whole)
    return os.path.relpath(whole, folder.resolve())


def own_name(path: Path) -> str:
    """Return what the file or folder at ``path`` is called, links followed; any path has one."""
    return Path(os.path.realpath(path)).name


def placed_in(folder: Path, name: str) -> str:
    """Return the path of a file that a file in ``folder`` names.

    It lies, links followed, in ``folder`` or in the working directory, or it is named on the
    command line: nobody's file makes dfsrt open what its reader never thought of.

    Raises:
        InputError: it lies elsewhere.
    """
    path = folder / name
    climbs = Path(name).is_absolute() or ".." in Path(name).parts
    try:
        if not climbs and not path.is_symlink() and folder == path.parent:
            return str(path)
        whole = path.resolve()
        roots = (folder.resolve(), Path.cwd())
    except (OSError, ValueError, RuntimeError):
        return str(path)  # opening it says what is wrong
    if any(whole.is_relative_to(root) for root in roots) or _is_typed(whole):
        return str(path)
    raise InputError(
        f"'{name}' is named by a file in '{folder}' and lies outside of it; copy it into that "
        "folder, run dfsrt from a folder that holds both, or name it on the command line"
    )


def _is_typed(whole: Path) -> bool:
    """Whether the user names the file, or a folder above it, as a word or in an option."""
    if whole in _NAMED:
        return True
    words = [
        word for typed in sys.argv[1:] for word in (typed, *typed.replace("=", ":").split(":"))
    ]
    return any(whole.is_relative_to(os.path.realpath(word)) for word in words if word)
