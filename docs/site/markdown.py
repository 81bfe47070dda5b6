"""Markdown from texts that are none: of help, of docstrings, and tables."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`+[^`]+`+)")
_SPECIAL = re.compile(r"([\\*_\[\]<>#|])")
_SECTION = re.compile(r"^(Raises|Source|Limits|Args|Returns)[^\n]*:$")


def plain(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, but for what stands in backticks."""
    return "".join(
        f"`{part.strip('`')}`" if number % 2 else _SPECIAL.sub(r"\\\1", part)
        for number, part in enumerate(_CODE.split(text))
    )


def code(text: str) -> str:
    """Return ``text`` as code; in a table, too."""
    return "`" + text.replace("|", "\u2223") + "`" if text else ""


def promise(documented: object) -> str:
    """Return the docstring of a class or function as Markdown, without its sections."""
    paragraphs: list[str] = []
    for paragraph in inspect.cleandoc(getattr(documented, "__doc__", "") or "").split("\n\n"):
        if _SECTION.match(paragraph.split("\n")[0]):
            break
        paragraphs.append(plain(" ".join(paragraph.split())))
    return "\n\n".join(paragraphs)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; cells are Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def anchor(heading: str) -> str:
    """Return the anchor that the site gives a heading."""
    kept = re.sub(r"[^\w\s-]", "", heading.lower()).strip()
    return re.sub(r"[-\s]+", "-", kept)
