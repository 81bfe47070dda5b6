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
SHOWN = {".svg", ".png", ".json", ".csv", ".txt", ".toml", ".log"}
"""Files that a page may show or offer; they come along where a page links to them."""


BEHIND = ("decisions/", "changelog.md")
"""Pages that tell why and when: the search shows guides and references before them."""
_LATER = "---\nsearch:\n  boost: 0.3\n---\n\n"


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
        later = _LATER if place.startswith(BEHIND) else ""
        _beside(folder / place).write_text(later + text, "utf-8")
    for file, place in linked.items():
        shutil.copyfile(file, _beside(folder / place))
    settings = out / "mkdocs.yml"
    settings.write_text(json.dumps({"INHERIT": str(SETTINGS), "docs_dir": "pages",
                                    "site_dir": "site", "nav": nav_of(pages)}))  # fmt: skip
    return settings


def _beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
