"""The package's source files: a digest of what they say, cheap to take again."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dfsrt.base.cache_folder import read_kept, throw_away

PACKAGE = Path(__file__).resolve().parents[1]
_CLOCK_NS = 10_000_000
"""By how much a file's time may lie behind the moment at which it was written."""
_STARTED_NS = time.time_ns() - _CLOCK_NS
_MEMORY = re.compile(rb"([0-9a-f]{64}) ([0-9a-f]{64})\n")
"""What is remembered: a digest of the files' times, and of what they say."""

_Entry = os.DirEntry[str]


def package_digest(memory: Path, package: Path = PACKAGE) -> str | None:
    """Return a digest of every source file below ``package``, by content.

    Reading them all takes 10 ms, asking for their times 2 ms: the file ``memory``, where it can
    be written, keeps the digest for as long as no file's size, times or inode change.

    None where a file has changed since this process began, or cannot be read: what runs is then
    a mixture of imports before and after, and no digest stands for it.
    """
    try:
        entries = sorted(_source_files(package), key=lambda entry: entry.path)
        stats = [entry.stat() for entry in entries]
        if any(_STARTED_NS <= stat.st_ctime_ns <= time.time_ns() for stat in stats):
            return None
        stamp = _stamp(entries, stats)
        return _recall(memory, stamp) or _learn(memory, stamp, _content_digest(entries, package))
    except OSError:
        return None


def _source_files(folder: Path | str) -> Iterator[_Entry]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _source_files(entry.path)


def _stamp(entries: list[_Entry], stats: list[os.stat_result]) -> str:
    """What changes with any file: ctime with every write, inode with every replacement."""
    rows = (
        f"{e.path} {s.st_ino} {s.st_size} {s.st_mtime_ns} {s.st_ctime_ns}"
        for e, s in zip(entries, stats, strict=True)
    )
    return hashlib.sha256(os.fsencode("\n".join(rows))).hexdigest()


def _content_digest(entries: list[_Entry], package: Path) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        content = Path(entry.path).read_bytes()
        head = f"{os.path.relpath(entry.path, package)} {len(content)}\n"
        digest.update(os.fsencode(head) + content)
    return digest.hexdigest()


def _recall(memory: Path, stamp: str) -> str | None:
    content = read_kept(memory)
    if content is None:
        return None
    match = _MEMORY.fullmatch(content)
    if match is None:
        throw_away(memory)
        return None
    return match[2].decode() if match[1].decode() == stamp else None


def _learn(memory: Path, stamp: str, digest: str) -> str:
    beside = memory.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        beside.write_text(f"{stamp} {digest}\n", encoding="ascii")
        beside.replace(memory)
    with suppress(OSError):
        beside.unlink()  # where it could not be put in place
    return digest
