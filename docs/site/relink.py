"""Links of pages in the checkout, made links of the site."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_APART = re.compile(r"(^```.*?^```|^~~~.*?^~~~|`+[^`\n]+`+)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)((?:\s+\"[^\"]*\")?)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//")
_TIGHT = re.compile(r"^(?![ |\-*]|\d+\. |$)(.+)\n(?=- |\* |\d+\. |\|)", re.MULTILINE)
"""A line of text, and right below it a list or a table."""


@dataclass(frozen=True)
class Staged:
    """Where a file of the checkout stands on the site; ``place`` says so, or None."""

    place: Callable[[Path], str | None]

    def relinked(self, text: str, source: Path, own: str) -> str:
        """Return a page's text with its links as they hold on the site.

        ``source`` is the page in the checkout, ``own`` its place on the site. A link to what the
        site does not hold becomes the name of that file, as code.

        Raises:
            SystemExit: a link to a file that is not there.
        """
        parts = _APART.split(text)
        for at in range(0, len(parts), 2):
            parts[at] = _LINK.sub(lambda link: self._link(link, source, own), parts[at])
        return "".join(parts)

    def _link(self, link: re.Match[str], source: Path, own: str) -> str:
        mark, words, target, title = link.groups()
        if _ELSEWHERE.match(target):
            return link[0]
        path, _, part = target.partition("#")
        file = (source.parent / path).resolve()
        if not file.exists():
            raise SystemExit(f"{source} links to {target}, which is not there; correct the link")
        place = self.place(file)
        if place is None:
            return f"{words} (`{file.relative_to(ROOT)}`)"
        there = os.path.relpath(place, Path(own).parent)
        shown = f"{mark}[{words}]({there}{f'#{part}' if part else ''}{title})"
        # A figure leads to itself: on a phone its words are too small.
        return f"[{shown}]({there})" if mark else shown


def settled(text: str) -> str:
    """Return Markdown in the form that the site's reader needs.

    Marks of generated parts go, a list or a table that follows a line of text begins a paragraph of
    its own, as it does for other readers, and code says its language and its file's name alone.
    ``[NEW]`` in the list of changes is no link.
    """
    parts = re.split(r"(^```.*?^```[^\n]*$)", text, flags=re.MULTILINE | re.DOTALL)
    for at, part in enumerate(parts):
        if at % 2:
            parts[at] = re.sub(r"\A(```\w+) (?!title=)[^\n]*", r"\1", part)
        else:
            part = re.sub(r"^<!-- /?[\w-]+ -->$", "", part, flags=re.MULTILINE)
            part = re.sub(r"^- \[([A-Z]+)\] ", r"- **\1** ", part, flags=re.MULTILINE)
            parts[at] = _TIGHT.sub(r"\1\n\n", part)
    return "".join(parts)
