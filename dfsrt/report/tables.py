"""Tables for people: rich on a terminal, plain aligned text when piped."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from dfsrt.base.shown import shown
from dfsrt.base.units import format_si

FOLDED = 16
"""Characters that a column of words keeps where it has to fold."""


@dataclass(frozen=True, slots=True)
class Grid:
    """``lines`` of text, then rows under heads; a head that begins with ``<`` is left-aligned."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[str] = ()


def make_console() -> Console:
    """Return a console on standard output, to which no text is markup."""
    return Console(highlight=False, soft_wrap=False, markup=False, emoji=False)


def show(console: Console, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; heads that begin with ``<`` are left-aligned, all others right.

    On a terminal the last column folds where the width ends, and a table that is still wider goes
    on below, its first column repeated; no number is ever cut.
    """
    heads = [shown(head) for head in heads]
    lines = [[shown(str(cell)) for cell in row] for row in rows]
    if not console.is_terminal:
        _show_plain(console, heads, lines)
        return
    widths = _least_widths(heads, lines)
    for places in _parts(widths, console.width):
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for k in places:
            left = heads[k].startswith("<")
            table.add_column(
                heads[k].lstrip("<"),
                justify="left" if left else "right",
                no_wrap=not (left and k == len(heads) - 1),
                min_width=widths[k],
                overflow="fold",
            )
        for line in lines:
            table.add_row(*(line[k] for k in places))
        least = _width([widths[k] for k in places])
        console.print(table, width=max(console.width, least), crop=False)


def _least_widths(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column must be; one of words that comes last may fold."""
    widths = [
        max(cell_len(text) for text in (head.lstrip("<"), *(line[k] for line in lines)))
        for k, head in enumerate(heads)
    ]
    if heads[-1].startswith("<"):
        widths[-1] = min(widths[-1], FOLDED)
    return widths


def _width(widths: Sequence[int]) -> int:
    """Return the width of a table: three spaces between columns, one at each end."""
    return sum(widths) + 3 * len(widths) - 1


def _parts(widths: Sequence[int], width: int) -> Iterator[list[int]]:
    """Yield the columns of each part: the first column and as many others as fit beside it."""
    part = [0]
    for k in range(1, len(widths)):
        if len(part) > 1 and _width([widths[j] for j in (*part, k)]) > width:
            yield part
            part = [0]
        part.append(k)
    yield part


def _show_plain(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write columns two spaces apart, with nothing after the last one."""
    names = [head.lstrip("<") for head in heads]
    lines = [names, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        cells = (
            cell.ljust(width) if head.startswith("<") else cell.rjust(width)
            for cell, width, head in zip(line, widths, heads, strict=True)
        )
        console.file.write("  ".join(cells).rstrip() + "\n")


def say(console: Console, *lines: str) -> None:
    """Print lines of text; only a terminal wraps them."""
    for line in lines:
        console.print(shown(line, "\n"), soft_wrap=not console.is_terminal, markup=False)


def show_grids(console: Console, grids: Sequence[Grid]) -> None:
    """Print tables one after the other, an empty line between them."""
    for number, grid in enumerate(grids):
        if number:
            console.print()
        say(console, *grid.lines)
        if grid.rows:
            show(console, grid.heads, grid.rows)


def grids_text(grids: Sequence[Grid]) -> str:
    """Return tables as they are printed where no terminal is."""
    text = io.StringIO()
    show_grids(Console(file=text, force_jupyter=False, markup=False, emoji=False), grids)
    return text.getvalue().rstrip("\n")


def grids_html(grids: Sequence[Grid]) -> str:
    """Return tables as HTML for a notebook, in its own colours, light or dark."""
    return "\n".join(_html(grid) for grid in grids)


def _html(grid: Grid) -> str:
    """Lines and a table, which scrolls by itself where it is wider than the cell."""
    lines = "".join(f'<p style="margin:0.2em 0">{escape(shown(line))}</p>' for line in grid.lines)
    if not grid.rows:
        return lines
    styles = _styles(grid.heads)
    heads = _cells("th", [head.lstrip("<") for head in grid.heads], styles)
    rows = "".join(f"<tr>{_cells('td', row, styles)}</tr>" for row in grid.rows)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'{lines}<div style="overflow-x:auto;margin:0.5em 0">{table}</div>'


def _styles(heads: Sequence[str]) -> list[str]:
    """How the cells of each column are set; words of the last column may fold."""
    words = "text-align:left;white-space:nowrap"
    number = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"
    styles = [words if head.startswith("<") else number for head in heads]
    if styles[-1] == words:
        styles[-1] = "text-align:left;white-space:normal;min-width:20em"
    return styles


def _cells(tag: str, texts: Sequence[str], styles: Sequence[str]) -> str:
    return "".join(
        f'<{tag} style="{style}">{escape(shown(str(text)))}</{tag}>'
        for text, style in zip(texts, styles, strict=True)
    )


def shares(parts: dict[str, float]) -> str:
    """Return named shares as text; those below half a per cent are left out."""
    return ", ".join(f"{name} {share:.0%}" for name, share in parts.items() if share >= 0.005)


def clock_text(freq_hz: int) -> str:
    """Return a clock as people say it; 0 Hz is idle."""
    return format_si(freq_hz, "Hz") if freq_hz else "idle"
