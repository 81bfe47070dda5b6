"""Results that show themselves: as tables in a notebook, as the same tables in text elsewhere."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from dfsrt.base.reading import read_bytes
from dfsrt.report.drawing import Drawing
from dfsrt.report.schema import to_json
from dfsrt.report.tables import Grid, grids_html, grids_text


class Rendered(ABC):
    """A result whose ``grids`` are all that it shows: of a cell, by ``print``, and as its name."""

    __slots__ = ()

    @abstractmethod
    def grids(self) -> Iterable[Grid]:
        """Return the tables that the command line prints."""

    def __str__(self) -> str:
        return grids_text(list(self.grids()))

    def __repr__(self) -> str:
        lines = (line for grid in self.grids() for line in grid.lines)
        return f"<{type(self).__name__} {next(lines, '')}>"

    def _repr_html_(self) -> str:
        return grids_html(list(self.grids()))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return what Jupyter shows, the tables as text where it shows no HTML."""
        return {"text/html": self._repr_html_(), "text/plain": str(self)}


class Reported(Rendered):
    """A result that has all of it in a ``report``, which is written as JSON."""

    __slots__ = ()
    report: object

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.report)


class Drawn(Rendered):
    """A result that has a figure, too."""

    __slots__ = ()

    @abstractmethod
    def save_figure(self, path: str | Path) -> None:
        """Write the figure, ``.svg`` or ``.png``."""

    def figure(self) -> Drawing:
        """Return what ``save_figure`` writes, for a notebook to show."""
        with TemporaryDirectory() as folder:
            path = Path(folder, "figure.svg")
            self.save_figure(path)
            return Drawing(read_bytes(path).decode())
