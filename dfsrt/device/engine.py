"""Engines by the dataflow of a device file: ours, and those of other packages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol

import msgspec

from dfsrt.base.errors import DeviceError
from dfsrt.base.explain import explain
from dfsrt.base.names import unknown_name
from dfsrt.device import engines
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer

GROUP = "dfsrt.engines"
"""Entry-point group in which a package registers an engine's class under its dataflow."""


class Engine(Protocol):
    """How a device's multipliers work through a layer.

    A frozen ``msgspec.Struct`` whose fields are its facts: the keys of ``[engine.DATAFLOW]`` in a
    device file. One that says no to a value of theirs raises ``DeviceError``. Cycles are whole, at
    no clock yet. A layer's ``steps`` wait for each other: a product with ``Gemm.steps`` runs so
    often, one time after the other, and ``vector_ops`` are shared out among them.
    """

    def product_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of a layer's products, from the first to the last."""
        ...

    def drain_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles that results take on their way out, beside the products."""
        ...

    def vector_cycles(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the cycles of all that the multipliers do not do, after the products."""
        ...

    def sram_bytes(self, layer: Layer, npu: Npu, precision: str, operand_bits: int) -> int:
        """Return the bytes that cross between the multipliers and on-chip buffers."""
        ...

    def exposed_bytes(self, layer: Layer, npu: Npu, precision: str) -> int:
        """Return the bytes from or to DRAM that cross while nothing else goes on."""
        ...

    def in_dram(self, layer: Layer, raw: frozenset[str], npu: Npu) -> Layer:
        """Return ``layer`` with its tensors as they lie in DRAM.

        ``raw`` names what comes from the caller and lies as the caller has it. A tensor's
        ``touched`` may count elements that are padded, or fetched again; an engine whose passes
        settle what is fetched how often leaves no product to tile.
        """
        ...


def engine_names() -> tuple[str, ...]:
    """Return the dataflows that have an engine, sorted."""
    return tuple(sorted({*_own(), *_others()}))


def has_engine(dataflow: str) -> bool:
    """Tell whether there is an engine; other packages are only asked where ours is not."""
    return dataflow in _own() or dataflow in _others()


def make_engine(dataflow: str, facts: Mapping[str, object], device: str) -> Engine:
    """Return the engine of ``dataflow`` with the ``facts`` that ``device`` gives of it.

    Raises:
        DeviceError: no such dataflow, an engine that cannot be imported, or a fact that is
            missing, unknown or out of its range.
    """
    if not has_engine(dataflow):
        message = unknown_name("dataflow", dataflow, engine_names())
        raise DeviceError(f"device '{device}': array.dataflow: {message}")
    kind = _own().get(dataflow) or _load(_others()[dataflow])
    try:
        return msgspec.convert(dict(facts), kind)
    except msgspec.ValidationError as reason:
        cause = reason.__cause__ if isinstance(reason.__cause__, DeviceError) else None
        what = cause or explain(reason, kind)
        raise DeviceError(f"device '{device}': engine.{dataflow}: {what}") from reason


def engine_of(npu: Npu) -> Engine:
    """Return the engine of ``npu``.

    Raises:
        DeviceError: a dataflow without an engine, or facts that the engine does not take.
    """
    return make_engine(npu.array.dataflow, npu.engine, npu.name)


@cache
def _own() -> Mapping[str, type[Engine]]:
    """The classes that the modules of the folder name, by dataflow."""
    found: dict[str, type[Engine]] = {}
    for folder in engines.__path__:
        for file in sorted(Path(folder).glob("[!_]*.py")):
            found.update(import_module(f"{engines.__name__}.{file.stem}").ENGINES)
    return found


@cache
def _others() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(entry: EntryPoint) -> type[Engine]:
    try:
        return entry.load()  # type: ignore[no-any-return]
    except (ImportError, AttributeError) as error:
        raise DeviceError(
            f"engine '{entry.name}' cannot be loaded: {error}; reinstall it"
        ) from error
