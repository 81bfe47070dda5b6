"""Small constants whose data lie in a file beside the model: target shapes, axes, scales."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from dfsrt.base.errors import NetworkError
from dfsrt.base.reading import open_file
from dfsrt.network.file.constants import NUMPY_TYPES, VALUE_LIMIT, location


def fetch_small(tensor: TensorProto, model: Path) -> None:
    """Put into ``tensor`` the data that it has in a file beside ``model``, if they are small.

    Large data stay where they are, and so do those of a file that is not there, which whoever
    needs the values says.

    Raises:
        NetworkError: the place is not in the model's folder, or holds fewer data.
    """
    size = math.prod(tensor.dims)
    if tensor.data_type not in NUMPY_TYPES or not 0 <= size <= VALUE_LIMIT:
        return
    path = model.parent / location(tensor)
    try:
        if not path.is_file():
            return
        if not any(path.resolve().is_relative_to(folder) for folder in _folders(model)):
            raise NetworkError(
                f"tensor '{tensor.name}' has its data in '{path}', a link that leads out of the "
                "model's folder; put the file itself there"
            )
        width = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)).itemsize
        data = _read(path, _number(tensor, "offset", path), size * width)
    except (OSError, ValueError) as error:
        if isinstance(error, NetworkError):
            raise
        raise NetworkError(
            f"tensor '{tensor.name}' has its data in '{path}', which cannot be read "
            f"({error}); give a readable file"
        ) from error
    if len(data) < size * width:
        raise NetworkError(
            f"tensor '{tensor.name}' has {size * width} bytes of data in '{path}', which ends "
            "before them; save the model and its data again"
        )
    tensor.raw_data, tensor.data_location = data, TensorProto.DEFAULT
    del tensor.external_data[:]


def _folders(model: Path) -> set[Path]:
    """Folders that data may lie in: the model's, and where a model that is a link itself lies."""
    return {model.parent.resolve(), model.resolve().parent}


def _number(tensor: TensorProto, key: str, path: Path) -> int:
    text = next((e.value for e in tensor.external_data if e.key == key), "0")
    if not (text.isascii() and text.isdigit()):
        raise NetworkError(
            f"tensor '{tensor.name}' has its data in '{path}' at {key} '{text[:40]}', which is no "
            "whole number; save the model again"
        )
    return int(text[:100])


def _read(path: Path, offset: int, size: int) -> bytes:
    if offset + size > path.stat().st_size:
        return b""
    with open_file(path, error=NetworkError) as file:
        file.seek(offset)
        return file.read(size)
