"""Values of inputs that are given as text: from then on they are constants."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import numpy as np
import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import unknown_name
from dfsrt.network.file.constants import Array
from dfsrt.network.shapes.open_dims import dim_name, is_open

MAX_ELEMENTS = 2**26
"""Elements that one value may fill an input with."""


def sizes_from_values(
    inputs: Iterable[onnx.ValueInfoProto], values: Mapping[str, str], dims: Mapping[str, int]
) -> dict[str, int]:
    """Return ``dims`` with the open dimensions that follow from the length of a list.

    Raises:
        NetworkError: text that is no value, or a value of an input that is not there.
    """
    sizes, by_name = dict(dims), {i.name: i for i in inputs}
    for name, text in values.items():
        shape = _parsed(_known(name, by_name), text).shape
        declared = by_name[name].type.tensor_type.shape.dim
        if not shape or len(shape) != len(declared):
            continue
        for axis, (size, dim) in enumerate(zip(shape, declared, strict=True)):
            by_axis = f"{name}.{axis}"
            if is_open(dim) and size and by_axis not in sizes:
                sizes.setdefault(dim_name(dim) or by_axis, size)
    return sizes


def values_of(types: Mapping[str, onnx.TypeProto], values: Mapping[str, str]) -> dict[str, Array]:
    """Return the given values as arrays of their inputs' types and shapes, which are all known.

    A single value fills an input of any shape.

    Raises:
        NetworkError: an input that is not there, or a value of another type or shape.
    """
    return {name: _value(_known(name, types), types[name], text) for name, text in values.items()}


def _known(name: str, inputs: Mapping[str, object]) -> str:
    if name in inputs:
        return name
    raise NetworkError(f"{unknown_name('input', name, inputs)}; correct --set {name}=...")


def _parsed(name: str, text: str) -> np.ndarray:
    """The text as an array of numbers, bools or, where it is neither, objects."""
    lower = text.strip().lower()
    try:
        value = json.loads(lower if lower in ("true", "false") else text)
        array = np.array(value)
    except (ValueError, RecursionError) as error:  # no JSON, or lists of different lengths
        try:
            return np.array(float(lower))  # nan and inf, which JSON does not have
        except ValueError:
            raise NetworkError(
                f"--set {name}={text} is no value; give a number, true or false, or a list like "
                f"--set {name}=[1,2]"
            ) from error
    if array.dtype.kind not in "fiub":
        raise NetworkError(
            f"--set {name}={text} is no value; give a number, true or false, or a list like "
            f"--set {name}=[1,2]"
        )
    return array


def _value(name: str, kind: onnx.TypeProto, text: str) -> Array:
    given, shape = _parsed(name, text), tuple(d.dim_value for d in kind.tensor_type.shape.dim)
    dtype = _dtype(name, kind)
    value = _as_type(name, given, dtype, text)
    if value.size == 1 and (not value.shape or value.shape == shape):
        if np.prod([float(size) for size in shape]) > MAX_ELEMENTS:
            raise NetworkError(
                f"input '{name}' of shape {list(shape)} has more than {MAX_ELEMENTS:,} elements; "
                "leave its value out"
            )
        return np.full(shape, value.reshape(()))
    if value.shape != shape:
        raise NetworkError(
            f"--set {name}={text} has the shape {list(value.shape)}, and input '{name}' has "
            f"{list(shape)}; give a list of that shape, or one value for all of it, like "
            f"--set {name}={_sample(dtype)}"
        )
    return value


def _sample(dtype: np.dtype[np.generic]) -> str:
    return "true" if dtype.kind == "b" else "1"


def _dtype(name: str, kind: onnx.TypeProto) -> np.dtype[np.generic]:
    """The type of an input's elements, as numpy has it."""
    element = kind.tensor_type.elem_type
    dtype = np.dtype(object)
    if element in onnx.TensorProto.DataType.values():
        try:
            dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(element))
        except KeyError:
            dtype = np.dtype(object)
    if dtype.kind not in "fiub":
        type_name = onnx.TensorProto.DataType.Name(element) if element else "no type"
        raise NetworkError(
            f"input '{name}' is of type {type_name}, whose value cannot be given; "
            f"leave out --set {name}"
        )
    return dtype


def _as_type(name: str, given: np.ndarray, dtype: np.dtype[np.generic], text: str) -> Array:
    """The value in the input's own type, where it is one of that type's."""
    allowed = {"b": "true or false", "f": "a number"}.get(dtype.kind, "a whole number")
    with np.errstate(all="ignore"):
        value = given.astype(dtype)
    number = given.astype(np.float64) if given.dtype.kind in "fiub" else given
    fits = dtype.kind == "f" or np.array_equal(value.astype(given.dtype), given)
    fits &= given.dtype.kind != "b" or dtype.kind == "b"
    fits &= not (dtype.kind == "f" and np.any(np.isinf(value) & np.isfinite(number)))
    fits &= not (dtype.kind == "b" and not np.isin(number, (0, 1)).all())
    if not fits:
        raise NetworkError(
            f"--set {name}={text} does not fit input '{name}', which is of type {dtype}; "
            f"give {allowed}"
        )
    return value
