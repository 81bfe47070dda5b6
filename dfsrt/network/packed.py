"""What a file tells of its constants' packing, in its metadata, and how layers learn of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import msgspec

from dfsrt.base.errors import NetworkError
from dfsrt.base.json import json_text
from dfsrt.network.file.plain import plain_text
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network
from dfsrt.network.packing import Packing
from dfsrt.network.tensor import Tensor

if TYPE_CHECKING:
    import onnx

KEY = "dfsrt.packing"
"""Key of a file's ``metadata_props`` whose value is a JSON object: packings by initializer."""
STEPS = "dfsrt.steps"
"""Key whose value are the steps that the file has been through, as they are typed."""
NOTES = "dfsrt.notes"
"""Key whose value is what those steps left as it was, and why, a line each."""


def read_packings(model: onnx.ModelProto) -> dict[str, Packing]:
    """Return the packings that a file tells of its initializers; none where it tells nothing.

    Raises:
        NetworkError: it tells something else.
    """
    text = metadata(model, KEY)
    if not text:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Packing])
    except (msgspec.MsgspecError, NetworkError, RecursionError) as error:
        raise NetworkError(
            f"the file's metadata '{KEY}' cannot be read ({error}); write the file again with "
            "dfsrt optimize, or take the entry out"
        ) from error


def sparse_packings(model: onnx.ModelProto) -> dict[str, Packing]:
    """Return the zeros of constants that a file stores sparse, by their sizes; no value is read.

    Limits: where zeros lie is not looked at, and values that are zero count as not zero.
    """
    nodes = (n for n in model.graph.node if n.op_type == "Constant" and len(n.output) == 1)
    attributes = ((n.output[0], a) for n in nodes for a in n.attribute if a.name == "sparse_value")
    stored = {name: a.sparse_tensor for name, a in attributes}
    stored |= {sparse.values.name: sparse for sparse in model.graph.sparse_initializer}
    zeros = {name: _zeros(sparse) for name, sparse in stored.items()}
    return {name: Packing(zeros=share) for name, share in zeros.items() if share > 0}


def _zeros(sparse: onnx.SparseTensorProto) -> float:
    nonzero, elements = math.prod(sparse.values.dims), math.prod(sparse.dims)
    return float(1 - min(nonzero / max(elements, 1), 1)) if nonzero >= 0 else 0.0


def write_packings(model: onnx.ModelProto, packings: Mapping[str, Packing]) -> None:
    """Set what ``model`` tells of its initializers to ``packings``, in place."""
    facts = {name: asdict(packing) for name, packing in sorted(packings.items())}
    set_metadata(model, KEY, json_text(facts) if facts else "")


def set_metadata(model: onnx.ModelProto, key: str, value: str) -> None:
    """Set one entry of a model's ``metadata_props``, in place; an empty value takes it out."""
    others = [(p.key, p.value) for p in model.metadata_props if p.key != key]
    del model.metadata_props[:]
    for name, text in [*others, *([(key, value)] if value else [])]:
        model.metadata_props.add(key=name, value=text)


def add_note(model: onnx.ModelProto, note: str) -> None:
    """Add a line to what the steps of ``model`` say of it, in place, unless it stands there."""
    lines = step_notes(model)
    if note not in lines:
        set_metadata(model, NOTES, "\n".join([*lines, note]))


def step_notes(model: onnx.ModelProto) -> tuple[str, ...]:
    """Return what the steps of ``model`` left as it was, and why, a line each."""
    return tuple(plain_text(line) for line in metadata(model, NOTES).splitlines() if line.strip())


def metadata(model: onnx.ModelProto, key: str) -> str:
    """Return one entry of a model's ``metadata_props``; empty where it has none."""
    return next((p.value for p in model.metadata_props if p.key == key), "")


def alike_packed(network: Network, packing: Packing) -> Network:
    """Return ``network`` with one packing for all the constants that its products multiply by."""
    names = {t.stored_as for a in network.layers for t in a.multiplied if t in a.weights}
    return replace(network, layers=packed(network.layers, dict.fromkeys(names, packing)))


def packed(layers: Iterable[Layer], packings: Mapping[str, Packing]) -> tuple[Layer, ...]:
    """Return ``layers`` with constants that know their packing, by the names they are stored as."""
    if not packings:
        return tuple(layers)

    def known(tensor: Tensor) -> Tensor:
        packing = packings.get(tensor.stored_as)
        return tensor if packing is None else replace(tensor, packing=packing)

    return tuple(replace(layer, weights=tuple(map(known, layer.weights))) for layer in layers)
