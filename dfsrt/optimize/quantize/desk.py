"""A desk: a folder for the files that onnxruntime's tools work on, gone when they are done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dfsrt.base.errors import OutputError


@contextmanager
def desk() -> Iterator[Path]:
    """Yield a new folder, and remove it with all that lies there.

    Raises:
        OutputError: nothing can be written there.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="dfsrt-") as folder:
            yield Path(folder)
    except OSError as error:
        raise OutputError(
            f"cannot work in the temporary folder ({error.strerror or error}); make room in "
            f"'{tempfile.gettempdir()}', or set TMPDIR to another folder"
        ) from error
