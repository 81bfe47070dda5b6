"""Loading a network: the way from a name, a file or a model in memory to layers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import NameSpec, is_there, parse_name_spec
from dfsrt.base.units import parse_whole
from dfsrt.network.built import build_network, built_choices, built_file, is_built, recipe_of
from dfsrt.network.file.plain import plain_text
from dfsrt.network.kept import keep_network, kept_network
from dfsrt.network.kit.recipe import Recipe
from dfsrt.network.network import Network
from dfsrt.network.reading import Reading, ReadingFields, reading_of
from dfsrt.network.zoo import locate

if TYPE_CHECKING:
    import onnx

CACHED = 32
"""Networks that stay in memory: those that were asked for last."""
SETTLED_NS = 100_000_000
"""How long ago a file must have been written for its times to tell it from its next version."""


def load_network(source: str | Path, **said: Unpack[ReadingFields]) -> Network:
    """Return the network of a shelf name or of an ``.onnx`` file; ``said`` is as in ``Reading``.

    Besides ``fuse=False`` for one layer a node: ``dims``, ``values``, ``branch``, ``trips``,
    ``unknown_ops``, ``kv_cache``.

    While its file stays as it is, a network is read once: the last ``CACHED`` stay in memory, and
    more of them in the cache folder, for other processes.

    Raises:
        NetworkError: the file cannot be read, sized or costed; the message says what to do.
    """
    return load_as(source, reading_of(**said))


def load_as(source: str | Path, reading: Reading) -> Network:
    """Return the network of ``source`` as ``reading`` says, but for its steps, as ``load_network``.

    Raises:
        NetworkError: the file cannot be read, sized or costed; the message says what to do.
    """
    reading = replace(reading, steps="")
    version = _version(source)
    if version is None or any(type(size) is not int for size in reading.dims.values()):
        return _load(source, reading)
    return _load_once(source, version, reading)


@dataclass(frozen=True, slots=True)
class _Version:
    """What tells a file from every other and from what it was; empty for a built network."""

    path: str = ""
    modified_ns: int = 0
    changed_ns: int = 0
    size: int = 0
    inode: int = 0


def _version(source: str | Path) -> _Version | None:
    """Return the version of what ``source`` names; ``None`` where the next may look the same."""
    spec = _built_spec(source)
    path = locate(source)[1] if spec is None else built_file(spec.name)
    if path is None:
        return _Version()
    try:
        s = path.stat()
        whole = str(path.resolve())
    except (OSError, ValueError):  # reading it says what is wrong
        return None
    if time.time_ns() - s.st_mtime_ns < SETTLED_NS:
        return None
    return _Version(whole, s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_ino)


@lru_cache(maxsize=CACHED)
def _load_once(source: str | Path, version: _Version, reading: Reading) -> Network:
    name = str(_built_spec(source) or locate(source)[0])
    key = (name, *map(repr, (version, reading.key)))
    network = kept_network(*key)
    if network is None:
        network = _load(source, reading)
        if _version(source) == version:  # else it may have been read before or after a change
            keep_network(network, *key)
    return network


def _load(source: str | Path, reading: Reading) -> Network:
    name, model, left = read_network(source, reading.dims, weights=False)
    return _build(model, name, reading.sized(left), given_as=str(source))


def read_network(
    source: str | Path,
    dims: Mapping[str, int],
    precision: str | None = None,
    *,
    weights: bool = True,
) -> tuple[str, onnx.ModelProto, Mapping[str, int]]:
    """Return the name and model of ``source``, and those of ``dims`` still to be set in it.

    A network that is built, not read, takes its sizes in its name, too: ``sd2-unet:image=768``;
    between several a comma does as well as a colon. Without ``weights`` a file's are stepped over.

    Raises:
        NetworkError: no such network, a size given twice, or a file that cannot be read.
    """
    from dfsrt.network.file.reader import read_whole

    spec = _built_spec(source)
    if spec is not None:
        chosen = _chosen(spec)
        return str(spec), build_network(spec.name, _sizes(spec, dims), precision, chosen), {}
    name, path = locate(source)
    return name, read_whole(path) if weights else _shapes(path), dims


def open_sizes(source: str | Path) -> frozenset[str]:
    """Return the dimensions of ``source`` that are still to be set, or may be.

    Of a file: its symbolic ones, axes as ``INPUT.0``, and what only a run knows as ``NODE.count``.
    Of a network that is built: its sizes, but those in its name.

    Raises:
        NetworkError: no such network, or a file that cannot be read.
    """
    from dfsrt.network.graph import named_nodes
    from dfsrt.network.shapes.open_dims import dim_names
    from dfsrt.network.shapes.run_time import run_time_names

    spec, recipe = _built_spec(source), built_recipe(source)
    if spec is not None and recipe is not None:
        return frozenset(recipe.sizes) - set(spec.options)
    graph = _shapes(locate(source)[1]).graph
    shapes = {i.name: i.type.tensor_type.shape.dim for i in graph.input}
    named = dim_names(i.type for i in graph.input)
    axes = {f"{name}.{axis}" for name, s in shapes.items() for axis in range(len(s))}
    return frozenset(named | axes | run_time_names(named_nodes(graph)))


def built_recipe(source: str | Path) -> Recipe | None:
    """Return how ``source`` is built, by what its name chooses; ``None`` where it is read.

    Raises:
        NetworkError: no such network.
    """
    spec = _built_spec(source)
    return None if spec is None else recipe_of(spec.name, _chosen(spec))


def _shapes(path: Path) -> onnx.ModelProto:
    from dfsrt.network.file.reader import read_model
    from dfsrt.network.last_filters import fetch_last_filters

    try:
        model = read_model(path)
        fetch_last_filters(model, path)
        return model
    except NetworkError as error:
        raise NetworkError(plain_text(error)) from error


def fitting(source: str | Path, reading: Reading) -> Reading:
    """Return ``reading`` with those of its sizes and values that ``source`` has open.

    So that one list of them serves several networks.

    Raises:
        NetworkError: no such network, or a file that cannot be read.
    """
    if not reading.dims and not reading.values:
        return reading
    sizes, inputs = open_sizes(source), input_names(source)
    return replace(
        reading,
        dims={name: size for name, size in reading.dims.items() if name in sizes},
        values={name: text for name, text in reading.values.items() if name in inputs},
    )


def input_names(source: str | Path) -> frozenset[str]:
    """Return the names of the inputs that ``source`` has in its file.

    Raises:
        NetworkError: no such network, or a file that cannot be read.
    """
    return frozenset(i.name for i in read_network(source, {}, weights=False)[1].graph.input)


def network_file(source: str | Path) -> Path | None:
    """Return the file of a shelf name or a path that is there; None for any other network."""
    if _built_spec(source) is not None:
        return None
    try:
        path = locate(source)[1]
    except NetworkError:  # one that is in memory has a name of its own
        return None
    return path if is_there(path, Path.is_file) else None


def _built_spec(source: str | Path) -> NameSpec | None:
    """Return name and sizes of a network that is built; ``None`` for one that is read."""
    if not isinstance(source, str) or not source.strip():
        return None
    spec = parse_name_spec(source, "network")
    if not is_built(spec.name):
        return None
    return parse_name_spec(str(spec).replace(",", ":"), "network")


def _chosen(spec: NameSpec) -> dict[str, str]:
    """Return what a name chooses by a word, in small letters."""
    words = built_choices(spec.name)
    return {name: text.lower() for name, text in spec.options.items() if name in words}


def _sizes(spec: NameSpec, dims: Mapping[str, int]) -> dict[str, int]:
    """Return the sizes in the name and those given beside it."""
    sized = {n: text for n, text in spec.options.items() if n not in built_choices(spec.name)}
    for name, text in sized.items():
        if parse_whole(text) is None:
            raise NetworkError(f"network '{spec}': {name}='{text}' is no whole number")
        if name in dims:
            raise NetworkError(
                f"network '{spec}' sets '{name}' to {text}, and the dims to {dims[name]}; "
                "set it once"
            )
    return {**dims, **{name: int(text) for name, text in sized.items()}}


def from_onnx_model(model: onnx.ModelProto, name: str, **said: Unpack[ReadingFields]) -> Network:
    """Return the network of a model in memory, which is left as it is; ``said`` as in ``Reading``.

    Raises:
        NetworkError: the model cannot be sized or costed.
    """
    return model_as(model, name, reading_of(**said))


def model_as(model: onnx.ModelProto, name: str, reading: Reading) -> Network:
    """Return the network of a model in memory as ``reading`` says; else as ``from_onnx_model``.

    Raises:
        NetworkError: the model cannot be sized or costed.
    """
    return _build(model, name, reading, given_as=name)


def _build(model: onnx.ModelProto, name: str, reading: Reading, *, given_as: str) -> Network:
    """Build the network; an error says which one, for there may be several in a pipeline."""
    from dfsrt.network.mismatch import MismatchError

    try:
        return _lowered(model, name, reading)
    except MismatchError as error:
        raise error.within(plain_text(f"network '{given_as}': ")) from error
    except NetworkError as error:
        raise NetworkError(plain_text(f"network '{given_as}': {error}")) from error


def _lowered(model: onnx.ModelProto, name: str, reading: Reading) -> Network:
    from dfsrt.network import lower
    from dfsrt.network.fusion import fuse_steps
    from dfsrt.network.infer import shaped_graph
    from dfsrt.network.kv_cache import append_in_place
    from dfsrt.network.packed import packed, read_packings, sparse_packings, step_notes
    from dfsrt.network.quantized import quantized_at_border
    from dfsrt.network.shapes.limits import check_something_runs, check_work

    shaped = shaped_graph(model, reading)
    steps = lower.lower(shaped)
    notes: tuple[str, ...] = ()
    if reading.kv_cache == "append":
        steps, notes = append_in_place(steps, shaped.inputs, shaped.outputs)
    if reading.fuse:
        steps = quantized_at_border(steps, frozenset(shaped.leaving))
    left_out = lower.left_out(steps, shaped)
    layers = (
        fuse_steps(steps, shaped.leaving) if reading.fuse else tuple(map(lower.layer_of, steps))
    )
    layers = packed(layers, sparse_packings(model) | read_packings(model))
    check_work(layers)
    check_something_runs(layers, (shaped.tensors[name] for name in shaped.inputs))
    return Network(
        name=name,
        layers=layers,
        params=lower.count_params(steps),
        fused=reading.fuse,
        unknown_ops=lower.count_unknown(shaped),
        inputs=shaped.inputs,
        outputs=shaped.outputs,
        named=shaped.named,
        notes=(
            *step_notes(model),
            *shaped.notes,
            *notes,
            *lower.notes_of(steps),
            *(left_out.notes if left_out else ()),
        ),
        left_out=left_out,
    )
