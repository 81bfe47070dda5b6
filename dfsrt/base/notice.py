"""Notices: a line on standard error about what takes a while and is done once."""

from __future__ import annotations

import sys
from contextlib import suppress

from dfsrt.base.shown import shown


def notice(text: str) -> None:
    """Say ``text`` on standard error, in one line; results on standard output stay as they are."""
    with suppress(OSError, ValueError, AttributeError):  # closed, or there is none
        sys.stderr.write(f"dfsrt: {shown(' '.join(text.split()))}\n")
        sys.stderr.flush()
