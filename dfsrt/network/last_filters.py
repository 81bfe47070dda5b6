"""The last filters of blocked convolutions, which tell fill from what is computed.

Weights are stepped over when a file is read. Of a convolution in a processor's blocks the last
block is needed: filters of zeros at its end are fill.
"""

from __future__ import annotations

from pathlib import Path

import onnx

from dfsrt.base.reading import open_file
from dfsrt.network.file.wire import payload_tails
from dfsrt.network.rules.contrib import BLOCKED, WIDEST_BLOCK


def fetch_last_filters(model: onnx.ModelProto, path: Path) -> None:
    """Put the last block of each blocked convolution's weights into ``model``, read from ``path``.

    Raises:
        WireError: the file has changed, and holds no message any more.
    """
    blocked = [n for n in model.graph.node if n.domain == BLOCKED and n.op_type == "Conv"]
    names = {node.input[1] for node in blocked if len(node.input) > 1}
    weights = {
        t.name: t
        for t in model.graph.initializer
        if t.name in names and t.dims and len(t.raw_data) <= 1  # small ones have all their data
    }
    shares = {n: min(WIDEST_BLOCK / max(t.dims[0], 1), 1.0) for n, t in weights.items()}
    if not shares:
        return
    with open_file(path) as file:
        tails = payload_tails(file, path.stat().st_size, shares)
    for name, data in tails.items():
        weights[name].raw_data = data
