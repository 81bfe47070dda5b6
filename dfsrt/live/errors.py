"""What a board does not do, or no longer does."""

from __future__ import annotations

import errno

from dfsrt.base.errors import DfsrtError

_GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class BoardError(DfsrtError):
    """A board refuses, has gone, or shows something that cannot be understood."""


def board_error(error: OSError, path: str, value: str | None = None) -> BoardError:
    """Return what is said where ``path`` cannot be read, or ``value`` cannot be written to it."""
    what = f"'{path}'"
    if error.errno in _GONE:
        return BoardError(f"{what} is not there (any more): the driver or the device has gone")
    if error.errno in _FORBIDDEN:
        doing = "read" if value is None else "written"
        return BoardError(
            f"{what} may not be {doing} ({error.strerror}); run as root, or give your user rights "
            "to it"
        )
    if value is not None and error.errno == errno.EINVAL:
        return BoardError(f"{what} refused '{value}' ({error.strerror})")
    doing = "read" if value is None else f"given '{value}'"
    return BoardError(f"{what} cannot be {doing} ({error.strerror or error})")
