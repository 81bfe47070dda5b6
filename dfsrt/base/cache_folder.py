"""The cache folder: where dfsrt keeps what it has worked out once, and whether it may."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def cache_root() -> Path:
    """Return dfsrt's folder below ``XDG_CACHE_HOME``, else below the user's ``.cache``."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    home = Path("~/.cache")
    with suppress(RuntimeError):  # nobody knows the home: a folder "~" is not made either way
        home = home.expanduser()
    return (Path(chosen) if chosen else home) / "dfsrt"


def why_unusable(folder: Path) -> str:
    """Return why nothing may be kept in ``folder``, which is made where there is none; else ``""``.

    What lies in a folder of another user, or in one that all may write to, is not believed.
    """
    if folder.parts[:1] == ("~",):
        return "nobody knows the home folder"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_mode & stat.S_IWOTH:
        return "all users may write to it"
    return "" if os.access(folder, os.W_OK | os.X_OK) else "it cannot be written"
