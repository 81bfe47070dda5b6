"""Graph inputs with every dimension given a size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import one_of
from dfsrt.network.shapes.limits import MOST
from dfsrt.network.shapes.open_dims import asked_name, dim_name, dim_names, is_open, open_dims


def fix_dims(
    inputs: Iterable[onnx.ValueInfoProto],
    dims: Mapping[str, int],
    used: set[str],
    declared: Iterable[onnx.TypeProto] = (),
    of_run: Callable[[str], bool] = lambda _name: False,
) -> dict[str, onnx.TypeProto]:
    """Return the type of each input that is ``used``, its open dimensions set from ``dims``.

    A named dimension is set by its name, any open one also by ``<input>.<axis>``. ``dims`` may
    also hold names that only the types ``declared`` for other tensors have, or that name sizes
    ``of_run``.

    Raises:
        NetworkError: an open dimension is not in ``dims``, or ``dims`` holds a name that the
            network does not have, or a size below 0.
    """
    inputs = tuple(inputs)
    _check_sizes(dims)
    own = [name for name in dims if not of_run(name)]
    _check_names(inputs, own, dim_names(declared))
    missing: list[str] = []
    types = {i.name: _fixed(i, dims, missing) for i in inputs if i.name in used}
    if missing:
        names = tuple(dict.fromkeys(missing))
        example = " ".join(f"--dim {shell_name(name)}=1" for name in names)
        raise NetworkError(
            "the network has open dimensions ('dfsrt network check' offers likely sizes) without a "
            f"size: {', '.join(names)}; set each one, for example {example}"
        )
    return types


def shell_name(name: str) -> str:
    """Return a name as one types it at a prompt."""
    return f"'{name}'" if any(not (c.isalnum() or c in "._-") for c in name) else name


def _check_sizes(dims: Mapping[str, int]) -> None:
    for name, size in dims.items():
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= MOST:
            raise NetworkError(
                f"dimension '{name}' was given as {size!r}; give a whole number from 0 to "
                f"{MOST:.3g}, such as --dim {shell_name(name)}=1"
            )


def _check_names(
    inputs: tuple[onnx.ValueInfoProto, ...], dims: Iterable[str], declared: set[str]
) -> None:
    known = dict.fromkeys(name for i in inputs for name in _open_names(i))
    numbered = dim_names(i.type for i in inputs)
    for name in dims:
        if name not in known and name not in declared | numbered:
            use = one_of(name, known) if known else "it has none, all its inputs are fixed"
            raise NetworkError(
                f"the network has no open dimension '{name}'; {use}; or leave out --dim {name}"
            )


def _open_names(value: onnx.ValueInfoProto) -> Iterable[str]:
    for _, place, dim in open_dims(value):
        name = asked_name(dim, place)
        yield from dict.fromkeys((name, place))


def _fixed(
    value: onnx.ValueInfoProto, dims: Mapping[str, int], missing: list[str]
) -> onnx.TypeProto:
    if not value.type.HasField("tensor_type"):
        raise NetworkError(
            f"graph input '{value.name}' is no tensor; only networks on tensors can be read"
        )
    if not value.type.tensor_type.HasField("shape"):
        raise NetworkError(
            f"graph input '{value.name}' has no shape; export the network with input shapes"
        )
    fixed = onnx.TypeProto()
    fixed.CopyFrom(value.type)
    for axis, dim in enumerate(fixed.tensor_type.shape.dim):
        if not is_open(dim):
            continue
        by_axis = f"{value.name}.{axis}"
        size = dims.get(by_axis, dims.get(dim_name(dim)))
        if size is None:
            missing.append(asked_name(dim, by_axis))
        else:
            dim.dim_value = size
    return fixed


def set_named_dims(proto: onnx.TypeProto, dims: Mapping[str, int]) -> onnx.TypeProto:
    """Return a declared type with the dimensions named in ``dims`` set."""
    if dim_names((proto,)).isdisjoint(dims):
        return proto
    fixed = onnx.TypeProto()
    fixed.CopyFrom(proto)
    for dim in fixed.tensor_type.shape.dim:
        if dim_name(dim) in dims:
            dim.dim_value = dims[dim_name(dim)]
    return fixed
