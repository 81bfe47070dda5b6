"""Where results go: standard output, files, and a progress bar beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dfsrt.errors import OutputError
from dfsrt.files import write_atomically

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
        OutputError: a folder that is not there, or a path that is a folder.
    """
    for path in paths:
        if path is None or path == STDOUT:
            continue
        if not path.parent.is_dir():
            raise OutputError(f"cannot write '{path}': no folder '{path.parent}'; create it first")
        if path.is_dir():
            raise OutputError(f"cannot write '{path}': it is a folder; give a file name")


@contextmanager
def progress(total: int, text: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while work goes on; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda done: bar.update(task, completed=done)
