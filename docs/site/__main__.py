"""Build the site into ``out/site``: ``python -m docs.site``, or ``make site``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec

from docs.site.relink import ROOT
from docs.site.stage import stage

OUT = ROOT / "out"


def main() -> None:
    """Build; a link that leads nowhere ends it with a word."""
    if find_spec("material") is None or find_spec("mkdocstrings") is None:
        raise SystemExit("the site needs MkDocs: pip install --group site (pip 25.1), or make site")
    began_s = time.monotonic()
    # Not quiet: MkDocs counts only the warnings that it shows.
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(stage(OUT))]
    surroundings = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    pages = sum(1 for _ in (OUT / "site").rglob("*.html"))
    print(f"{pages} pages in {time.monotonic() - began_s:.0f} s: out/site/index.html")


if __name__ == "__main__":
    main()
