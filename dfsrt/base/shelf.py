"""The shelves of what is shipped: in the wheel or in a checkout.

They are ``powermodels``, ``traces`` and ``machinecode``.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

MACHINE_CODE = "machinecode"
"""The shelf with a folder for each platform."""
_PACKAGE = Path(__file__).resolve().parents[1]


def shelf_entries(shelf: str) -> Iterator[Path]:
    """Yield the folders on ``shelf`` that carry a card, sorted by name."""
    for root in (_PACKAGE / "_data" / shelf, _PACKAGE.parent / shelf):
        cards = sorted(root.glob("*/card.toml"))
        if cards:
            yield from (card.parent for card in cards)
            return


def find_entry(shelf: str, name: str) -> Path | None:
    """Return the folder of ``name`` on ``shelf``, or None."""
    return next((entry for entry in shelf_entries(shelf) if entry.name == name), None)


def this_platform() -> str:
    """Return what machine code is made for, such as ``linux-x86_64``."""
    return f"{platform.system()}-{platform.machine()}".lower()
