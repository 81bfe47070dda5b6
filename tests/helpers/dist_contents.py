"""What an sdist and a wheel hold, against the files of the checkout."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

NOT_IN_SDIST = (".ci/", ".gitattributes")
SHELVES = ("powermodels", "traces", "machinecode/linux-x86_64")
LIBRARY = "dfsrt/_data/plotly.min.js"


def check_sdist(sdist: Path, root: Path) -> None:
    """Every file of the checkout is in it, as it is there, but those of its own upkeep."""
    with tarfile.open(sdist) as file:
        found = {
            member.name.partition("/")[2]: _digest(piece.read())
            for member in file
            if (piece := file.extractfile(member)) is not None
        }
    wanted = {name for name in tracked(root) if not name.startswith(NOT_IN_SDIST)}
    _check(found, {name: _digest((root / name).read_bytes()) for name in wanted}, sdist)


def check_wheel(wheel: Path, root: Path) -> None:
    """All of the package and its shelves are in it as they are in the checkout, and no more."""
    with zipfile.ZipFile(wheel) as file:
        found = {name: _digest(file.read(name)) for name in file.namelist()}
    wanted = dict(_in_wheel(tracked(root), root))
    _check(found, wanted, wheel)
    rest = {name for name in found if ".dist-info/" not in name} - set(wanted)
    assert rest == {LIBRARY}, rest


def _in_wheel(names: list[str], root: Path) -> Iterator[tuple[str, str]]:
    for name in names:
        if name.startswith("dfsrt/"):
            yield name, _digest((root / name).read_bytes())
        elif name.startswith(tuple(f"{shelf}/" for shelf in SHELVES)):
            yield f"dfsrt/_data/{name}", _digest((root / name).read_bytes())


def tracked(root: Path) -> list[str]:
    """The files of the checkout that git knows, and that are there."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=True
    )
    return [name for name in listed.stdout.decode().split("\0") if (root / name).is_file()]


def _check(found: dict[str, str], wanted: dict[str, str], archive: Path) -> None:
    missing = sorted(set(wanted) - set(found))
    assert not missing, f"{archive.name} lacks {missing[:5]}"
    changed = sorted(name for name, digest in wanted.items() if found[name] != digest)
    assert not changed, f"{archive.name} has others of {changed[:5]}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
