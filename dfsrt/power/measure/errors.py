"""What a meter says of a subject that it cannot run."""

from __future__ import annotations

from dfsrt.base.errors import DfsrtError


class CannotRunError(DfsrtError):
    """A subject that a bench cannot run: an operator without a kernel, too large a tensor."""
