"""Writing results: beside their place, then renamed, so nothing is ever half-written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dfsrt.base.beside import begin_file, begin_folder
from dfsrt.base.errors import OutputError
from dfsrt.base.output_set import held, place_of
from dfsrt.base.undisturbed import undisturbed


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in place in one step.

    On any failure, Ctrl-C included, ``path`` is as it was before; a link stays one, and what it
    points to is written. An output that the command has
    named is put in place with its others, when all are written.

    Raises:
        OutputError: the folder is missing, read-only or full.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        _write_through(path, write)
        return
    place, beside = place_of(path), None
    try:
        beside = begin_file(place, path.suffix)
        write(beside.path)
        beside.path.chmod(0o666 & ~_umask())
        with undisturbed():
            if held(path, beside):
                beside = None
            else:
                beside.path.replace(place)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if beside is not None:
            beside.end()


def write_folder(path: Path, fill: Callable[[Path], object]) -> None:
    """Let ``fill`` write files into a folder beside ``path``, then put it in place in one step.

    On any failure, Ctrl-C included, nothing is there.

    Raises:
        OutputError: there is something at ``path`` other than an empty folder, or the folder
            around it is missing, read-only or full.
    """
    check_new_folder(path)
    beside = None
    try:
        beside = begin_folder(path)
        fill(beside.path)
        beside.path.chmod(0o777 & ~_umask())
        beside.path.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if beside is not None:
            beside.end()


def check_new_folder(path: Path) -> None:
    """Check that a folder can be made at ``path``, before any work is done.

    Raises:
        OutputError: there is something other than an empty folder, or nowhere to put it.
    """
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists():
        raise OutputError(f"'{path}' is there already; remove it or give another name")
    if not path.parent.is_dir():
        raise OutputError(f"cannot write '{path}': no folder '{path.parent}'; create it first")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(
            f"cannot write '{path}': the folder is read-only; give a path in a writable one"
        )


def check_new_file(path: Path) -> None:
    """Check that nothing is at ``path``, so that no file of the user's is lost.

    Raises:
        OutputError: there is something.
    """
    if path.exists() or path.is_symlink():
        raise OutputError(f"'{path}' is there already; remove it or give another name")


def make_folder(path: Path) -> None:
    """Make a folder for results where there is none.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder '{path}' ({error.strerror}); give a path in a writable one"
        ) from error


def _write_through(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a device or pipe itself: putting a file in its place would destroy it."""
    try:
        write(path)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"cannot write '{path}': {reason}; give a path in a writable folder")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
