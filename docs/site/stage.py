"""Everything that the site is built from, laid out in a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from docs.site.nav import nav_of
from docs.site.pages import made_pages
from docs.site.relink import ROOT, Staged, settled

DOCS = ROOT / "docs"
ASSETS = DOCS / "site" / "assets"
SETTINGS = DOCS / "site" / "mkdocs.yml"
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "examples/README.md": "examples.md",
}
"""Pages of the checkout that stand beside docs/, by their place on the site."""
BEHIND = ("decisions/", "changelog.md")
"""Pages that a search lists behind those that say how something is done."""
SHOWN = {".svg", ".png", ".json", ".csv", ".txt", ".toml", ".log"}
"""Files that a page may show or offer; they come along where a page links to them."""


def written_pages() -> dict[Path, str]:
    """Return the pages that people have written, each with its place on the site."""
    own = [*DOCS.glob("*.md"), *DOCS.glob("decisions/*.md")]
    inside = {page: page.relative_to(DOCS).as_posix() for page in sorted(own)}
    return inside | {
        ROOT / name: place for name, place in OUTSIDE.items() if (ROOT / name).exists()
    }


def texts(linked: dict[Path, str]) -> dict[str, str]:
    """Return the text of every page by its place; files that they link to go into ``linked``."""
    written = written_pages()

    def place(file: Path) -> str | None:
        if file in written:
            return written[file]
        if not file.is_file() or file.suffix not in SHOWN:
            return None
        beside = file.relative_to(DOCS) if file.is_relative_to(DOCS) else file.relative_to(ROOT)
        linked[file] = beside.as_posix() if file.is_relative_to(DOCS) else f"files/{beside}"
        return linked[file]

    staged = Staged(place)
    pages = {
        own: staged.relinked(settled(file.read_text("utf-8")), file, own)
        for file, own in written.items()
    }
    return pages | {own: text() for own, text in made_pages().items()}


def stage(out: Path) -> Path:
    """Lay out pages, files and settings under ``out``; returns the settings' file."""
    linked = {file: file.relative_to(DOCS).as_posix() for file in DOCS.glob("schema/*.json")}
    pages = texts(linked)
    folder = out / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ASSETS, folder / "assets")
    for place, text in pages.items():
        _beside(folder / place).write_text(ranked(text, place), "utf-8")
    for file, place in linked.items():
        shutil.copyfile(file, _beside(folder / place))
    settings = out / "mkdocs.yml"
    settings.write_text(json.dumps({"INHERIT": str(SETTINGS), "docs_dir": "pages",
                                    "site_dir": "site", "nav": nav_of(pages)}))  # fmt: skip
    return settings


def ranked(text: str, place: str) -> str:
    """Return a page with what the search has to know of it.

    A title counts a thousand times as much there as what stands below, so that why something was
    made so, whose titles are the words that people look for, would hide how it is used.
    """
    return f"---\nsearch:\n  boost: 0.001\n---\n{text}" if place.startswith(BEHIND) else text


def _beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
