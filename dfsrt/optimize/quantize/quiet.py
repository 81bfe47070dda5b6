"""Silence: what onnxruntime's tools print and log is kept back, its errors can be asked for."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

_WARNING, _ERROR = 2, 3
"""Severities of onnxruntime's own log, which goes to the error output; it starts with warnings."""


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep standard output and the log free; yield what is logged as an error, as it comes.

    The tools of onnxruntime print progress to standard output, where dfsrt's JSON goes, and log
    advice of what dfsrt does anyhow. Of a failed optimisation the log alone tells.
    """
    import onnxruntime

    errors, root, before = _Errors(), logging.getLogger(), logging.root.manager.disable
    others = root.handlers[:]
    root.handlers[:] = [errors]  # and none is added, as the first log line would with none there
    logging.disable(logging.WARNING)
    onnxruntime.set_default_logger_severity(_ERROR)
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield errors.lines
    finally:
        onnxruntime.set_default_logger_severity(_WARNING)
        logging.disable(before)
        root.handlers[:] = others
