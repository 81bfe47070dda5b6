"""The package without the machine code that is shipped, as on a platform for which none is."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHELVES = ("powermodels", "traces")


def without_machine_code(folder: Path) -> Path:
    """Return ``folder`` with a copy of the package in it, to be put first on the path."""
    shutil.copytree(ROOT / "dfsrt", folder / "dfsrt")  # with what is byte-compiled
    for shelf in SHELVES:
        (folder / shelf).symlink_to(ROOT / shelf)
    return folder
