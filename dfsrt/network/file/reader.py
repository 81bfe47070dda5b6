"""From a file to a checked ONNX model, with its weights or without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

import onnx
from google.protobuf.message import DecodeError

from dfsrt.base.errors import NetworkError
from dfsrt.base.reading import open_file
from dfsrt.network.file.outside import fetch_small
from dfsrt.network.file.wire import WireError, without_payloads

OLDEST_OPSET = 7
SMALL_BYTES = 1_000_000
"""Size of a file up to which it is read whole, weights and all, which is faster."""
MOST_WHOLE_BYTES = 2**31 - 1
"""No library reads a larger message of protocol buffers; it is not loaded to be refused then."""
STANDARD_DOMAINS = ("", "ai.onnx")


def read_whole(path: Path) -> onnx.ModelProto:
    """Return the model stored in ``path``, with small constants that lie in files beside it.

    Raises:
        NetworkError: the file is missing, is no regular file, does not hold an ONNX model, has
            more than 2 GiB, or a small constant's data are where they may not be.
    """
    return _with_small(_parsed(path, partial(_all_of, path)), path)


def _all_of(path: Path, file: BinaryIO, size: int) -> bytes:
    if size > MOST_WHOLE_BYTES:
        raise NetworkError(
            f"'{path}' has {size:,} bytes, and one message of its format at most "
            f"{MOST_WHOLE_BYTES:,}; save the weights outside of it, as external data"
        )
    return file.read()


def read_model(path: Path) -> onnx.ModelProto:
    """Return the model as ``read_whole`` does, without its weights, which are stepped over.

    Memory and time are those of the nodes.

    Raises:
        NetworkError: as of ``read_whole``.
    """
    return _with_small(_parsed(path, without_payloads), path)


def _with_small(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    outside = [t for t in _tensors(model) if t.data_location == t.EXTERNAL]
    if outside:
        check_text(model)
        check_external_data(model)
    for tensor in outside:
        fetch_small(tensor, path)
    return model


def _parsed(path: Path, contents: Callable[[BinaryIO, int], bytes]) -> onnx.ModelProto:
    try:
        with _opened(path) as file:
            size = path.stat().st_size
            if not size:
                raise NetworkError(f"'{path}' is empty; give a complete .onnx file")
            data = file.read() if size <= SMALL_BYTES else contents(file, size)
            model: onnx.ModelProto = onnx.ModelProto.FromString(data)
    except (DecodeError, WireError) as error:
        raise NetworkError(
            f"'{path}' is not an ONNX file or is cut short; export or download it again"
        ) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    if not model.HasField("graph") or not model.ir_version:
        raise NetworkError(f"'{path}' holds no ONNX graph; give a complete .onnx file")
    return model


def _opened(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise NetworkError(f"'{path}' is a folder; give the .onnx file in it")
        if not path.exists():
            raise NetworkError(
                f"'{path}' does not exist; give the path of an .onnx file or a shelf name"
            )
        return open_file(path, error=NetworkError)
    except (OSError, ValueError) as error:
        if isinstance(error, NetworkError):
            raise
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> NetworkError:
    reason = getattr(error, "strerror", None) or str(error)
    return NetworkError(f"cannot read '{path}': {reason}; give a readable .onnx file")


def opset_versions(model: onnx.ModelProto) -> dict[str, int]:
    """Return the operator-set version of every domain, the standard one under ``""``.

    Raises:
        NetworkError: the standard operator set is older than 7 or newer than the library's.
    """
    versions = {
        "" if o.domain in STANDARD_DOMAINS else o.domain: o.version for o in model.opset_import
    }
    newest = onnx.defs.onnx_opset_version()
    needed = any(node.domain in STANDARD_DOMAINS for node in model.graph.node)
    version = versions.setdefault("", 1 if needed else newest)
    if not OLDEST_OPSET <= version <= newest:
        raise NetworkError(
            f"the file uses operator set {version}; {OLDEST_OPSET} to {newest} can be read: "
            "convert it with onnx.version_converter, or upgrade the onnx package"
        )
    return versions


def check_text(model: onnx.ModelProto) -> None:
    """Check that all names are text; the protobuf library hands broken text out as bytes.

    Raises:
        NetworkError: a name is not valid UTF-8.
    """
    _check_text(*(o.domain for o in model.opset_import))
    _check_graph_text(model.graph)
    for function in model.functions:
        _check_text(function.name, function.domain, *function.input, *function.output)
        _check_text(*(o.domain for o in function.opset_import), *function.attribute)
        _check_nodes_text(function.node)


def _check_graph_text(graph: onnx.GraphProto) -> None:
    _check_text(*(tensor.name for tensor in graph.initializer))
    for value in (*graph.input, *graph.output, *graph.value_info):
        _check_text(value.name, *(d.dim_param for d in value.type.tensor_type.shape.dim))
    _check_nodes_text(graph.node)


def _check_nodes_text(nodes: Iterable[onnx.NodeProto]) -> None:
    for node in nodes:
        _check_text(node.op_type, node.domain, node.name, *node.input, *node.output)
        for attribute in node.attribute:
            _check_text(attribute.name)
            if attribute.HasField("g"):
                _check_graph_text(attribute.g)


def _check_text(*names: object) -> None:
    for name in names:
        if not isinstance(name, str):
            raise NetworkError(
                f"the name {name!r} is not valid text; the file is broken: export it again"
            )


def check_external_data(model: onnx.ModelProto) -> None:
    """Check that no tensor points outside the model's folder; nothing is opened.

    Raises:
        NetworkError: a location is absolute or climbs with ``..``.
    """
    for tensor in _tensors(model):
        for entry in tensor.external_data:
            _check_text(entry.key, entry.value)
            if entry.key == "location" and leaves_folder(entry.value):
                raise NetworkError(
                    f"tensor '{tensor.name}' has its data at '{entry.value}', outside the "
                    "model's folder; only relative paths without '..' are allowed: save it again"
                )


def leaves_folder(location: str) -> bool:
    """Return whether a path is absolute or climbs with ``..``, on any system."""
    windows = PureWindowsPath(location)
    if PurePosixPath(location).is_absolute() or windows.drive or windows.root:
        return True
    return ".." in windows.parts


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    yield from _tensors_of(model.graph)
    for function in model.functions:
        yield from _tensors_in(function.node)


def _tensors_of(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    yield from _tensors_in(graph.node)


def _tensors_in(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            if attribute.HasField("g"):
                yield from _tensors_of(attribute.g)


def read_graph(path: Path) -> onnx.ModelProto:
    """Return the model stored in ``path`` without its weights, and nothing of the files beside it.

    Raises:
        NetworkError: the file is missing, is no regular file, or does not hold an ONNX model.
    """
    return _parsed(path, without_payloads)
