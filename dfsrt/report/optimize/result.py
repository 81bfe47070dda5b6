"""What ``dfsrt.optimize`` gives back: the report, the smaller model, and files of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dfsrt.base.errors import InputError, OutputError
from dfsrt.base.files import write_atomically
from dfsrt.base.json import Document
from dfsrt.base.names import is_there
from dfsrt.report.optimize.schema import OptimizeReport
from dfsrt.report.optimize.source import Given
from dfsrt.report.rendered import Drawn, Reported
from dfsrt.report.result import Result
from dfsrt.report.tables import Grid

if TYPE_CHECKING:
    import onnx
    import pandas


@dataclass(frozen=True, repr=False)
class Optimized(Reported, Drawn):
    """A chain of steps: ``report`` has a row for each, ``model`` is what the last one left.

    ``model`` is None of a network without values. ``runs`` are those of the rows, back to back.
    """

    report: OptimizeReport
    model: onnx.ModelProto | None
    runs: Sequence[Result]

    def __repr__(self) -> str:
        from dfsrt.report.optimize.words import headline, summary

        return f"<{type(self).__name__} {headline(self.report)}: {summary(self.report)}>"

    def to_dict(self) -> Document:
        """Return the report as plain values."""
        document: Document = msgspec.to_builtins(self.report)
        return document

    def to_csv(self) -> bytes:
        """Return a row for each step as comma-separated values."""
        from dfsrt.report.memory.rows import csv_bytes
        from dfsrt.report.optimize.columns import columns

        return csv_bytes(columns(self.report))

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a pandas frame with the rows of ``to_csv``.

        Raises:
            InputError: there is no pandas.
        """
        from dfsrt.report.optimize.columns import columns
        from dfsrt.report.result import frame

        return frame(columns(self.report))

    def save(self, path: str | Path) -> None:
        """Write the model as one ONNX file, weights and all.

        Raises:
            InputError: a network without values, or one above the 2 GB that an ONNX file may have.
            OutputError: ``path`` cannot be written.
        """
        data = model_bytes(self.model, self.report.network)
        write_atomically(Path(path), lambda beside: beside.write_bytes(data))

    def save_figure(self, path: str | Path) -> None:
        """Write the figure: bytes, energy and answers over the steps.

        Raises:
            InputError: neither ``.svg`` nor ``.png``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.optimize.figure import write_steps

        write_steps(self.report, Path(path))

    def save_page(self, path: str | Path) -> None:
        """Write the report as one HTML page.

        Raises:
            InputError: a name without ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.optimize.page import optimize_page
        from dfsrt.report.page.page import write_page

        write_page(optimize_page(self.report), Path(path))

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt optimize``."""
        from dfsrt.report.optimize.table import optimize_grids

        return optimize_grids(self.report)


def check_out(given: Given, out: str | Path | None) -> None:
    """Check that the model may be written to ``out``, before any work.

    Raises:
        InputError: a network without values.
        OutputError: the network's own file.
    """
    if out is None:
        return
    if given.model is None:
        raise InputError(_nothing_to_write(given.name))
    path = Path(out)
    if given.file is not None and is_there(path) and path.samefile(given.file):
        raise OutputError(f"'{out}' is the network's own file; give --out another name")
    if path.suffix.lower() != ".onnx":
        raise InputError(f"model '{out}' is no .onnx file; name it like 'small.onnx'")


def _nothing_to_write(name: str) -> str:
    return f"'{name}' has sizes alone, no weights to write; leave out --out"


MOST_BYTES = 2**31 - 1
"""Bytes that an ONNX file may have in one piece."""


def model_bytes(model: onnx.ModelProto | None, name: str) -> bytes:
    """Return a model as an ONNX file has it.

    Raises:
        InputError: there is none, or it is too large for one file.
    """
    if model is None:
        raise InputError(_nothing_to_write(name))
    if model.ByteSize() > MOST_BYTES:
        raise InputError(
            f"the model of '{name}' has {model.ByteSize():,} bytes, above the {MOST_BYTES:,} of "
            "one ONNX file; leave out --out, or take a smaller network"
        )
    return bytes(model.SerializeToString())
