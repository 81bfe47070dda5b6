"""What some commands write: a report as JSON, CSV, a page and a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from dfsrt.cli.output import check_html_path, check_outputs, write_bytes


class Reported(Protocol):
    """A report that can be written as all of them."""

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        ...

    def to_csv(self) -> bytes:
        """Return its rows as comma-separated values."""
        ...

    def save_page(self, path: str | Path) -> None:
        """Write its page."""
        ...

    def save_figure(self, path: str | Path) -> None:
        """Write its figure."""
        ...


class Files(Protocol):
    """The files that are named to write."""

    @property
    def json(self) -> Path | None:
        """The report."""
        ...

    @property
    def csv(self) -> Path | None:
        """Its rows."""
        ...

    @property
    def html(self) -> Path | None:
        """Its page."""
        ...

    @property
    def figure(self) -> Path | None:
        """Its figure."""
        ...


def check_files(files: Files) -> None:
    """Check that all that is named can be written, before any work.

    Raises:
        InputError: a name with the wrong ending, or one file for two things.
        OutputError: a folder that is not there.
    """
    check_outputs(files.json, files.csv, files.html, files.figure)
    check_html_path(files.html)
    if files.figure is not None:
        from dfsrt.report.canvas import check_figure_path

        check_figure_path(files.figure)


def write_files(done: Reported, files: Files) -> None:
    """Write all that is named.

    Raises:
        OutputError: a file that cannot be written.
    """
    if files.figure is not None:
        done.save_figure(files.figure)
    if files.html is not None:
        done.save_page(files.html)
    if files.csv is not None:
        write_bytes(done.to_csv(), files.csv)
    if files.json is not None:
        write_bytes(done.to_json(), files.json)
