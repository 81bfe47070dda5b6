"""From a tile to runs: how many bytes of it follow each other in memory."""

from __future__ import annotations

from dfsrt.device.dram import Layout, layout_of

_INNER_FIRST = {Layout.CHANNEL_FIRST: "qpc", Layout.CHANNEL_LAST: "cqp", Layout.TILED: ""}
"""Axes of a map as they lie in memory, the innermost first."""


def run_bytes(
    layout: str,
    tile_c: int,
    tile_rows: int,
    tile_cols: int,
    channels: int,
    rows: int,
    cols: int,
    element_bits: int,
) -> int:
    """Return the bytes of a run of a tile, cut out of a map of ``channels`` x ``rows`` x ``cols``.

    Channel-first: a line of the tile; lines follow each other where they are whole, channels where
    all lines are taken. Channel-last: the tile's channels of a pixel; a line of pixels where all
    channels are taken, all of the tile where its lines are whole, too. Tiled: the tile. Weights,
    which lie in the order of their use, are tiled.

    Raises:
        InputError: no such layout.
    """
    taken = {"c": min(tile_c, channels), "p": min(tile_rows, rows), "q": min(tile_cols, cols)}
    whole = {"c": taken["c"] == channels, "p": taken["p"] == rows, "q": taken["q"] == cols}
    order = _INNER_FIRST[layout_of(layout)]
    elements = 1 if order else taken["c"] * taken["p"] * taken["q"]
    for axis in order:
        elements *= taken[axis]
        if not whole[axis]:
            break
    return max(-(-elements * element_bits // 8), 1)


def pitch_bytes(
    layout: str,
    tile: tuple[int, int, int],
    whole: tuple[int, int, int],
    element_bits: int,
) -> int:
    """Return the bytes from one run of a tile to the next; 0 where the tile is one run.

    ``tile`` and ``whole`` are channels, rows and columns of the tile and of its map, as in
    ``run_bytes``.

    Raises:
        InputError: no such layout.
    """
    sizes = dict(zip("cpq", whole, strict=True))
    taken = dict(zip("cpq", tile, strict=True))
    elements = 1
    for axis in _INNER_FIRST[layout_of(layout)]:
        elements *= sizes[axis]
        if taken[axis] < sizes[axis]:
            return max(elements * element_bits // 8, 1)
    return 0
