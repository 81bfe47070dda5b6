"""What is kept and shipped on disk, and whether it is as it was written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from dfsrt.base.cache_folder import cache_root, why_not_private
from dfsrt.base.errors import InputError
from dfsrt.base.keep import is_intact
from dfsrt.base.reading import file_digest
from dfsrt.base.shelf import MACHINE_CODE, find_entry, this_platform
from dfsrt.base.tomlfile import parse_table, read_text
from dfsrt.report.installation.schema import CacheState, MachineCode

_OF_A_KEEP = re.compile(r"[0-9a-f]{64}")


def cache_state() -> CacheState:
    """Return how the cache is; nothing is made, and nothing thrown away."""
    folder = cache_root()
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return CacheState(
        folder=str(folder),
        exists=folder.is_dir(),
        unusable=_why_unusable(folder),
        files=len(files),
        size_bytes=sum(_sizes(files)),
        damaged=[str(path.relative_to(folder)) for path in sorted(files) if _is_damaged(path)],
    )


def _why_unusable(folder: Path) -> str:
    """Why nothing would be kept in ``folder``; of one that is not there, in what it will be in."""
    if folder.parts[:1] == ("~",):
        return "nobody knows the home folder"
    if folder.is_symlink() or folder.exists():
        reason = why_not_private(folder.lstat())
        return reason or ("" if os.access(folder, os.W_OK | os.X_OK) else "it cannot be written")
    there = next(place for place in folder.absolute().parents if place.exists())
    return "" if os.access(there, os.W_OK | os.X_OK) else f"'{there}' cannot be written"


def _sizes(files: list[Path]) -> Iterator[int]:
    for path in files:
        try:
            yield path.stat().st_size
        except OSError:  # another process has removed it
            yield 0


def _is_damaged(path: Path) -> bool:
    if not _OF_A_KEEP.fullmatch(path.name):
        return False  # numba's own, which it looks at itself
    try:
        return not is_intact(path)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True


def machine_code() -> MachineCode:
    """Return which compiled code is shipped for this platform, and whether it is whole."""
    folder = find_entry(MACHINE_CODE, this_platform())
    lines = {} if folder is None else _functions(folder / "card.toml")
    damaged = [name for name, line in lines.items() if folder and not _is_as_made(folder, line)]
    return MachineCode(platform=this_platform(), functions=len(lines), damaged=damaged)


def _functions(card: Path) -> dict[str, dict[str, str]]:
    """What a card says of each function: its file, and the digest of that."""
    try:
        table = parse_table(read_text(card, "card", "a card of machine code"), "card")
    except InputError:
        return {}
    functions = table.get("function")
    return functions if isinstance(functions, dict) else {}


def _is_as_made(folder: Path, line: dict[str, str]) -> bool:
    try:
        return file_digest(folder / line["file"]) == line["library"]
    except (OSError, LookupError, InputError):
        return False
