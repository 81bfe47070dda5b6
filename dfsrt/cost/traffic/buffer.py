"""The buffer: the on-chip memory in which the tiles of a layer lie."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.device.npu import Memory


@dataclass(frozen=True, slots=True)
class Buffer:
    """On-chip memory for tiles of inputs, weights and results, which share ``total_bytes``.

    Or each has its own part: ``split_bytes``, in that order, adds up to ``total_bytes``. With
    ``double``, a tile that is replaced counts twice, so that the next one comes while it is worked
    on; what stays for the whole layer counts once. With ``lines``, lines that neighbouring tiles
    share are read once.
    """

    total_bytes: int
    split_bytes: tuple[int, int, int] | None = None
    double: bool = False
    lines: bool = False

    def left(self, kept_bytes: int) -> Buffer:
        """Return what is left beside maps that stay on chip; parts shrink in proportion."""
        left = max(self.total_bytes - kept_bytes, 0)
        if self.split_bytes is None or not self.total_bytes:
            return replace(self, total_bytes=left)
        shares = [part * left // self.total_bytes for part in self.split_bytes]
        return replace(self, total_bytes=sum(shares), split_bytes=(shares[0], shares[1], shares[2]))


def buffer_of(memory: Memory) -> Buffer:
    """Return the buffer of a device's memory."""
    return Buffer(memory.buffer_bytes, memory.split_bytes, memory.double_buffer, memory.line_buffer)
