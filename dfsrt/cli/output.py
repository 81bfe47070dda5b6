"""Where results go: standard output, and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dfsrt.base.errors import InputError, OutputError
from dfsrt.base.files import write_atomically
from dfsrt.base.output_set import name_outputs, place_of

STDOUT = Path("-")


def write_bytes(data: bytes, path: Path) -> None:
    """Write ``data`` to ``path``; ``-`` is standard output."""
    if path == STDOUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_atomically(path, lambda beside: beside.write_bytes(data))


def check_outputs(*paths: Path | None) -> None:
    """Check that every output can be written before any work is done.

    Raises:
        OutputError: a folder that is not there or not writable, a path that is a folder, or one
            path for two outputs.
    """
    given = [path for path in paths if path is not None]
    for index, path in enumerate(given):
        if place_of(path) in [place_of(other) for other in given[:index]]:
            raise OutputError(f"'{path}' is given for two outputs; give each its own")
        if path != STDOUT:
            _check_place(path)
    _name(given)


def name_files_in(folder: Path, names: Sequence[str]) -> None:
    """Say which files a command will write into ``folder``, which need not be there yet.

    Raises:
        OutputError: it is read-only, or the folder that it would be made in is.
    """
    place = folder.absolute()
    if not os.access(next(filter(Path.is_dir, (place, *place.parents))), os.W_OK):
        raise OutputError(
            f"cannot write '{folder}': the folder is read-only; give a path in a writable one"
        )
    _name([folder / name for name in names])


def _name(paths: Sequence[Path]) -> None:
    name_outputs([path for path in paths if path != STDOUT and not _is_special(path)])


def check_parquet_path(path: Path, what: str, example: str) -> None:
    """Check that ``path`` ends in ``.parquet``.

    Raises:
        InputError: it does not.
    """
    if path.suffix.lower() != ".parquet":
        raise InputError(f"{what} '{path}' is no .parquet file; name it like '{example}'")


def check_html_path(path: Path | None) -> None:
    """Check that a page's path, where there is one, ends in ``.html``.

    Raises:
        InputError: it does not.
    """
    if path is not None:
        from dfsrt.report.page import check_page_path

        check_page_path(path)


def _is_special(path: Path) -> bool:
    """A device or a pipe, which takes what is written to it as it comes."""
    return path.exists() and not path.is_file()


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise OutputError(f"cannot write '{path}': no folder '{path.parent}'; create it first")
    if path.is_dir():
        raise OutputError(f"cannot write '{path}': it is a folder; give a file name")
    if not os.access(place_of(path).parent, os.W_OK):
        raise OutputError(
            f"cannot write '{path}': the folder is read-only; give a path in a writable one"
        )
