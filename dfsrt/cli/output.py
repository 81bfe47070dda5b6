"""Where results go: standard output, files, and a progress bar beside them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError, OutputError
from dfsrt.base.files import write_atomically
from dfsrt.base.output_set import name_outputs, place_of
from dfsrt.base.shown import shown

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

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


@contextmanager
def progress(total: int | None, text: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while work goes on; nothing where that is no terminal.

    Without a ``total`` the bar says that work goes on, and how much is done.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(*_columns(total), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_plain(text), total=total)
        yield lambda done: bar.update(task, completed=done)


def _plain(text: str) -> str:
    """Text of which a bar reads nothing as markup."""
    from rich.markup import escape

    return escape(shown(text))


def _columns(total: int | None) -> tuple[str | ProgressColumn, ...]:
    from rich.progress import Progress

    if total is None:
        return (*Progress.get_default_columns()[:2], "{task.completed:,} done")
    return Progress.get_default_columns()


@contextmanager
def progress_of(text: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for work in several stages, each of which says its name, done and total."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_plain(text))
        yield lambda what, done, total: bar.update(
            task, description=_plain(f"{text}: {what}"), completed=done, total=total
        )
