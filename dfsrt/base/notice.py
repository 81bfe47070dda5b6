"""Notices: a line on standard error about what takes a while and is done once."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from dfsrt.base.shown import shown

QUIET = "DFSRT_QUIET"
"""Environment variable that keeps notices back, in processes that are begun from here, too."""


def hush() -> None:
    """Say no notice from here on, in no process that is begun from here either."""
    os.environ[QUIET] = "1"


def is_quiet() -> bool:
    """Return whether somebody wants neither notices nor progress."""
    return os.environ.get(QUIET, "") not in ("", "0")


def notice(text: str) -> None:
    """Say ``text`` on standard error, in one line; results on standard output stay as they are."""
    if is_quiet():
        return
    with suppress(OSError, ValueError, AttributeError):  # closed, or there is none
        sys.stderr.write(f"dfsrt: {shown(' '.join(text.split()))}\n")
        sys.stderr.flush()
