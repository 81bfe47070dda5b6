"""Nodes that hold no layers: compiled blobs, and loops around a whole decoder."""

from __future__ import annotations

from dfsrt.network.graph import Node

_COMPILED = {"EPContext", "Snpe"}
_SEARCHES = {"BeamSearch", "GreedySearch", "Sampling", "WhisperBeamSearch"}


def what_holds_no_layers(node: Node) -> str | None:
    """Return why nothing can be counted of a node, and what to give instead; or ``None``."""
    if node.op in _COMPILED:
        source, file = (node.attribute(n, "") for n in ("source", "onnx_model_filename"))
        return (
            f"node '{node.name}' ({node.op}) is a compiled context{source and f' of {source}'}, "
            "which holds no layers to count; give the ONNX model that it was compiled "
            f"from{file and f', {file}'}"
        )
    if node.op in _SEARCHES:
        return (
            f"node '{node.name}' ({node.op}) runs a whole decoder as often as a search needs, "
            "which is known at run time only; save the graph in its attribute 'decoder' as a file "
            "of its own and give that"
        )
    return None
