"""Operator sets: a file is converted where a type or a form of quantization needs a later one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError

if TYPE_CHECKING:
    import onnx

LEAST = 13
"""Below it scales for each channel make a file that does not load, and nobody says so."""
USUAL = 17
"""What files of an older operator set become."""
NARROW = 21
"""The first with types of 4 bits, blocks, and 16 bits in QuantizeLinear."""
_IR = {USUAL: 8, NARROW: 10}
"""Version of the format that knows what the operator set needs."""
_LARGE = 4096
"""Bytes from which on a constant steps aside while the file is converted."""


def at_opset(model: onnx.ModelProto, least: int) -> onnx.ModelProto:
    """Return a copy of ``model`` of operator set ``least`` or later, with stored inputs fixed.

    What the file stores is a constant from then on, even where the graph names it as an input, and
    is left out where nothing reads it.

    Raises:
        InputError: the file cannot be converted.
    """
    copy = _fixed(model)
    target = NARROW if least > USUAL else USUAL
    if opset_of(copy) < least:
        with _light(copy):
            converted = _converted(copy, target)
        _restore(converted, copy)
        copy = converted
    copy.ir_version = max(copy.ir_version, _IR[target])
    return copy


def opset_of(model: onnx.ModelProto) -> int:
    """Return the version of the standard's operators that a file asks for."""
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)


def tidied(result: onnx.ModelProto, model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``result``, changed in place, with the metadata of ``model`` and no more.

    Tools leave marks there, and operator sets that no node is of.
    """
    used = {"", "ai.onnx", *_domains(result.graph.node)}
    kept = [o for o in result.opset_import if o.domain in used]
    del result.opset_import[:]
    result.opset_import.extend(kept)
    del result.metadata_props[:]
    result.metadata_props.extend(model.metadata_props)
    return result


def _domains(nodes: Iterable[onnx.NodeProto]) -> Iterator[str]:
    for node in nodes:
        yield node.domain
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from _domains(graph.node)


def _fixed(model: onnx.ModelProto) -> onnx.ModelProto:
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    stored = {t.name for t in graph.initializer}
    inputs = [i for i in graph.input if i.name not in stored]
    del graph.input[:]
    graph.input.extend(inputs)
    drop_unused(graph)
    return copy


def drop_unused(graph: onnx.GraphProto) -> None:
    """Leave out, in place, what a graph stores and nothing reads."""
    used = {o.name for o in graph.output} | set(_read(graph.node))
    unused = [place for place, t in enumerate(graph.initializer) if t.name not in used]
    for place in reversed(unused):
        del graph.initializer[place]


def _read(nodes: Iterable[onnx.NodeProto]) -> Iterator[str]:
    """Yield the names that nodes read, those in branches and loops as well."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from _read(graph.node)
                yield from (o.name for o in graph.output)


def _converted(model: onnx.ModelProto, target: int) -> onnx.ModelProto:
    from onnx import version_converter

    version = opset_of(model)
    model.ir_version = max(model.ir_version, _IR[USUAL])
    try:
        return version_converter.convert_version(model, target)
    except Exception as error:  # the converter raises its own kinds and bare ones
        reason = " ".join(str(error).split("failed: ")[-1].split())[:160]
        raise InputError(
            f"the file is of operator set {version}, the step needs {target}, and it cannot be "
            f"converted ({reason}); export the network with operator set {target}"
        ) from error


@contextmanager
def _light(model: onnx.ModelProto) -> Iterator[None]:
    """Take the large constants out: the converter would copy each several times."""
    large = [t for t in model.graph.initializer if len(t.raw_data) >= _LARGE]
    values = [t.raw_data for t in large]
    for tensor in large:
        tensor.raw_data = b""
    try:
        yield
    finally:
        for tensor, raw in zip(large, values, strict=True):
            tensor.raw_data = raw


def _restore(converted: onnx.ModelProto, model: onnx.ModelProto) -> None:
    stored = {t.name: t for t in model.graph.initializer if len(t.raw_data) >= _LARGE}
    for tensor in converted.graph.initializer:
        if tensor.name in stored:
            tensor.CopyFrom(stored[tensor.name])
