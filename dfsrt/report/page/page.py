"""A page: tiles, sections of figures and tables, written as one self-contained HTML file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.extras import need
from dfsrt.base.files import write_atomically
from dfsrt.base.json import json_text
from dfsrt.base.version import __version__
from dfsrt.report.look import FONTS
from dfsrt.report.page.drawn import drawn

if TYPE_CHECKING:
    import markupsafe

OWN = "dfsrt.report.page"
LIBRARY = "plotly.min.js"
MOST_ROWS = 400
"""Rows of a table that a page shows; longer ones say how many they leave out."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; a head that begins with ``<`` is left-aligned."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

    @property
    def shown(self) -> Sequence[Sequence[str]]:
        """The rows that a page shows."""
        return self.rows[:MOST_ROWS]

    @property
    def left_out(self) -> int:
        """How many rows it does not show."""
        return max(0, len(self.rows) - MOST_ROWS)


@dataclass(frozen=True, slots=True)
class Figure:
    """A Plotly figure: ``data`` and ``layout`` as its JSON has them.

    ``says`` tells in a sentence what is to be seen, for those who do not see it; ``table`` has
    its numbers. Colours ``@text``, ``@grid`` and ``@muted`` are the page's own, light or dark.
    """

    name: str
    title: str
    says: str
    data: Sequence[Mapping[str, object]]
    layout: Mapping[str, object] = field(default_factory=dict)
    height: int = 380
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: a heading, a sentence or two, figures and tables."""

    title: str
    text: str = ""
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()

    @property
    def anchor(self) -> str:
        """The heading as a link's target."""
        return "".join(c if c.isalnum() else "-" for c in self.title.lower())


@dataclass(frozen=True, slots=True)
class Page:
    """A report as a page; ``subject`` says at each figure what it is of, the title where empty."""

    title: str
    what: str
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    subject: str = ""


def check_page_path(path: Path) -> None:
    """Check that ``path`` ends in ``.html``.

    Raises:
        InputError: it does not.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"page '{path}' is no .html file; name it like 'report.html'")


def write_page(page: Page, path: Path) -> None:
    """Write ``page`` as one file that asks the network for nothing.

    Raises:
        InputError: a name without ``.html``.
        OutputError: ``path`` cannot be written.
    """
    check_page_path(path)
    write_atomically(path, lambda beside: beside.write_text(page_html(page), encoding="utf-8"))


def page_html(page: Page) -> str:
    """Return the page's HTML."""
    library = _read(_library_folder(), LIBRARY)
    plots = {
        f.name: drawn(f.data, f.layout, f.height)
        for section in page.sections
        for f in section.figures
    }
    return rendered("template.html", page, plots, library=_marked(library))


def _library_folder() -> Traversable:
    """Return where the library is that draws figures: in the wheel, else in its Python package.

    Raises:
        InputError: a checkout, and the package is not installed.
    """
    own = resources.files("dfsrt") / "_data"
    if (own / LIBRARY).is_file():
        return own
    need("page")
    return resources.files("plotly") / "package_data"


def rendered(
    template: str,
    page: Page,
    data: object,
    own: str = OWN,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = ("script.js",),
    **more: object,
) -> str:
    """Return ``template`` of the package ``own``, filled in.

    It has the style and theme of all pages, then ``styles`` and ``scripts`` of ``own``; ``data`` is
    what its scripts read.
    """
    import jinja2

    loader = jinja2.ChoiceLoader([jinja2.PackageLoader(name, "") for name in (own, OWN)])
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=loader
    )
    return environment.get_template(template).render(
        page=page,
        version=__version__,
        style=_font() + _joined("style.css", own, styles),
        script=_joined("theme.js", own, scripts),
        data=_marked(_json(data)),
        **more,
    )


def _font() -> markupsafe.Markup:
    """What figures are written in, for scripts that draw by themselves."""
    return _marked(f":root {{ --figures: {', '.join(FONTS)}; }}\n")


def _joined(common: str, own: str, names: Sequence[str]) -> markupsafe.Markup:
    texts = [_read(resources.files(own), name) for name in names]
    return _marked("\n".join([_read(resources.files(OWN), common), *texts]))


def _read(folder: Traversable, name: str) -> str:
    return str((folder / name).read_text(encoding="utf-8"))


def _marked(text: str) -> markupsafe.Markup:
    """Mark our own script and style as safe: nothing in it can end its element."""
    import markupsafe

    return markupsafe.Markup(text.replace("</script", "<\\/script"))


def _json(value: object) -> str:
    """Return JSON in which nothing can end a script element; what is not finite is null."""
    text = json_text(_finite(value))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


_LINK = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
"""Begins what figures would show as a link: a name out of a file leads nowhere."""


def _finite(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, str):
        return _LINK.sub("&lt;", value)
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value
