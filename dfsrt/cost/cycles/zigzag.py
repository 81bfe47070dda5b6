"""ZigZag's JSON: a file for each layer, or one file with a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.cost.cycles.report import Row, read_bytes, whole_cycles

MAX_FILES = 20_000
_SUFFIXES = ("_complete", "_simple")
_NUMBER = re.compile(r"(\d+)")


class _Latency(msgspec.Struct):
    computation: float
    data_onloading: float
    data_offloading: float

    @property
    def total(self) -> float:
        return self.computation + self.data_onloading + self.data_offloading


class _Outputs(msgspec.Struct):
    latency: _Latency


class _Layer(msgspec.Struct):
    name: str = ""


class _Inputs(msgspec.Struct):
    layer: _Layer = msgspec.field(default_factory=_Layer)


class _Result(msgspec.Struct):
    """A layer's result: ``outputs`` in the complete form, ``latency`` in the simple one."""

    outputs: _Outputs | None = None
    inputs: _Inputs | None = None
    latency: float | None = None


def rows(path: Path) -> tuple[list[Row], bytes]:
    """Return each layer's latency in cycles, loading and unloading included, and the bytes read.

    A folder's files come in the order of the numbers in their names, ``*_complete.json`` where
    there are any, else ``*_simple.json``; the file of the whole network is left out.

    A layer is named by its file, in which ZigZag writes '_' for each '/' of the name.

    Limits: waits for memory are in the latency and cannot be told apart.

    Raises:
        InputError: no such files, or one that is not of this form.
    """
    files = _files(path) if path.is_dir() else [path]
    found, data = [], []
    for file in files:
        content = read_bytes(file)
        data.append(content)
        found += [
            _row(result, file, len(results))
            for results in [_results(file, content)]
            for result in results
        ]
    return found, b"".join(data)


def ordered(path: Path) -> bool:
    """Whether a report tells the layers' order: one file, or files that only count up.

    ZigZag's files carry no place of their layer: names like ``conv1`` and ``fc`` are sorted by
    letters, which is no order.
    """
    if not path.is_dir():
        return True
    names = [_NUMBER.split(file.stem) for file in _files(path)]
    if len({(len(name), *name[::2]) for name in names}) != 1:
        return False
    return sum(len(set(numbers)) > 1 for numbers in zip(*names, strict=True)) <= 1


def _files(folder: Path) -> list[Path]:
    for suffix in _SUFFIXES:
        found = [
            f for f in folder.glob(f"*{suffix}.json") if not f.stem.endswith(f"overall{suffix}")
        ]
        if len(found) > MAX_FILES:
            raise InputError(f"'{folder}' has {len(found):,} layers; up to {MAX_FILES:,} are read")
        if found:
            return sorted(found, key=lambda file: list(_order(file.name)))
    raise InputError(
        f"'{folder}' has no *_complete.json and no *_simple.json of a layer; give ZigZag's folder"
    )


def _order(name: str) -> Iterator[tuple[int, int, str]]:
    """Text by letters, numbers by size."""
    for part in _NUMBER.split(name):
        yield (1, int(part), "") if part.isdecimal() else (0, 0, part)


_NO_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def _results(path: Path, content: bytes) -> list[_Result]:
    try:
        return msgspec.json.decode(content, type=list[_Result], strict=False)
    except _NO_JSON:
        pass
    try:
        return [msgspec.json.decode(content, type=_Result, strict=False)]
    except _NO_JSON as error:
        raise InputError(f"'{path}' is no result of ZigZag ({error})") from error


def _row(result: _Result, path: Path, of: int) -> Row:
    name = result.inputs.layer.name if result.inputs is not None else ""
    if not name and of == 1:
        name = path.stem
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
    if result.outputs is not None:
        return Row(name, whole_cycles(result.outputs.latency.total, f"'{path}'"))
    if result.latency is not None:
        return Row(name, whole_cycles(result.latency, f"'{path}'"))
    raise InputError(f"'{path}' has neither outputs.latency nor latency; give a layer's result")
