"""The cache folder: where dfsrt keeps what it has worked out once, and whether it may."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

from dfsrt.base.notice import notice


def cache_root() -> Path:
    """Return dfsrt's folder below ``XDG_CACHE_HOME``, else below the user's ``.cache``."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    home = Path("~/.cache")
    with suppress(RuntimeError):  # nobody knows the home: a folder "~" is not made either way
        home = home.expanduser()
    return (Path(chosen) if chosen else home) / "dfsrt"


def why_unusable(folder: Path) -> str:
    """Return why nothing may be kept in ``folder``, which is made where there is none; else ``""``.

    It is private to the user, or it is not used, which is said once: what lies in a link's target,
    in a folder of another user, or in one that others may write to, is not believed.
    """
    if folder.parts[:1] == ("~",):
        return "nobody knows the home folder"
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    reason = why_not_private(status)
    if reason:
        _say_once(folder, reason)
    elif not os.access(folder, os.W_OK | os.X_OK):
        return "it cannot be written"
    return reason


def throw_away(path: Path) -> None:
    """Remove what cannot be used from a folder of the cache, file or folder, and say so."""
    notice(f"'{path}' in the cache is damaged or not dfsrt's own: thrown away, and made again")
    with suppress(OSError):  # another process may have been first, or the disk is read-only
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def read_kept(path: Path) -> bytes | None:
    """Return what the file ``path`` of the cache holds; None where there is none.

    What stands in its place and is no file, or cannot be read, is thrown away.
    """
    try:
        if stat.S_ISREG(path.lstat().st_mode):  # a pipe would wait for ever
            return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        pass
    throw_away(path)
    return None


def why_not_private(status: os.stat_result) -> str:
    """Return why a folder of this status is not the user's alone; else ``""``."""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link"
    if not stat.S_ISDIR(status.st_mode):
        return "Not a directory"
    if not hasattr(os, "geteuid"):  # where no mode says who may write
        return ""
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_mode & (stat.S_IWOTH | stat.S_IWGRP):
        return "other users may write to it"
    return ""


@cache
def _say_once(folder: Path, reason: str) -> None:
    notice(
        f"the cache '{folder}' is not used: {reason}; remove it, or name a folder of your own "
        "in XDG_CACHE_HOME"
    )
