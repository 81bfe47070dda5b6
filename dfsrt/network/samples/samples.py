"""Samples: the inputs that a model runs on, from files or drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.network.samples.feeds import Feed, element_type, random_feeds

if TYPE_CHECKING:
    import onnx

Feeds = Mapping[str, Feed]
Types = Mapping[str, "onnx.TypeProto"]

MOST = 1_000_000
"""Samples of one measurement; more are taken for a number given wrongly."""


@dataclass(frozen=True, slots=True)
class Samples:
    """A model's inputs, sample by sample, as often as they are asked for.

    ``what`` says where they come from. A file of several samples is split while it is read, so
    that ``count`` is of files or draws, and each gives one list of samples.
    """

    what: str
    count: int
    read: Callable[[int], Iterator[Feeds]]

    def __iter__(self) -> Iterator[Feeds]:
        for number in range(self.count):
            yield from self.read(number)

    def beside(self, values: Feeds) -> Samples:
        """Return the samples with the same ``values`` of other inputs in each."""

        def read(number: int) -> Iterator[Feeds]:
            for sample in self.read(number):
                yield {**sample, **values}

        return Samples(self.what, self.count, read) if values else self


def random_samples(types: Types, count: int, seed: int) -> Samples:
    """Return ``count`` samples of random values; the same seed gives the same ones.

    Reals are uniform from 0 to 1, integers 0 or 1. No network was trained on such.

    Raises:
        InputError: a count or a seed out of range.
    """
    for name, value, least in (("samples", count, 1), ("seed", seed, 0)):
        if not least <= value <= MOST:
            raise InputError(f"{name} {value} is out of range; allowed is {least} to {MOST:,}")

    def draw(number: int) -> Iterator[Feeds]:
        yield random_feeds(types, seed + number)

    what = f"uniform from 0 to 1 (seed {seed}), which no network was trained on"
    return Samples(f"random inputs, {what}", count, draw)


def folder_samples(types: Types, folder: Path, most: int | None) -> Samples:
    """Return the samples in a folder's ``.npy`` and ``.npz`` files, in the order of their names.

    An ``.npy`` is of a model with one input, an ``.npz`` holds inputs by name. An array may lack a
    first axis of 1, or have along its first axis several samples. The first ``most`` files count.

    Raises:
        InputError: no such folder, none of such files in it, or ``most`` below 1.
    """
    if not folder.is_dir():
        is_file = "is a file" if folder.exists() else "does not exist"
        raise InputError(
            f"inputs '{folder}' {is_file}; give a folder of .npy or .npz files, or 'random'"
        )
    if most is not None and most < 1:
        raise InputError(f"samples {most} is out of range; allowed is 1 and more")
    inside = sorted(folder.iterdir())
    files = [path for path in inside if path.suffix.lower() in (".npy", ".npz")]
    if not files:
        raise InputError(
            f"folder '{folder}' has no .npy or .npz file; save inputs with numpy.save or "
            "numpy.savez, by the names of the model's inputs"
        )
    left, files = len(inside) - len(files), files[:most]
    other = f"; {left} other files left out" if left else ""
    what = f"{len(files)} files of {folder}{other}"
    return Samples(what, len(files), lambda number: _samples(files[number], types))


def _samples(path: Path, types: Types) -> Iterator[Feeds]:
    arrays = _arrays(path, types)
    parts = {name: _split(array, name, types[name], path) for name, array in arrays.items()}
    counts = {name: len(operators) for name, operators in parts.items()}
    if len(set(counts.values())) > 1:
        raise InputError(f"'{path}' has another number of samples for each input: {counts}")
    for feeds in zip(*parts.values(), strict=True):
        yield dict(zip(parts, feeds, strict=True))


def _arrays(path: Path, types: Types) -> dict[str, Feed]:
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            arrays = dict(loaded) if path.suffix.lower() == ".npz" else {"": np.asarray(loaded)}
    except (OSError, ValueError, EOFError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot read '{path}': {reason}; save it with numpy.save") from error
    except Exception as error:  # a damaged archive raises the zip library's own kinds
        raise InputError(f"'{path}' is no numpy archive ({error}); save it anew") from error
    if "" in arrays and len(types) == 1:
        return {next(iter(types)): arrays[""]}
    if sorted(arrays) != sorted(types):
        has = ", ".join(sorted(arrays)) if "" not in arrays else "one array without a name"
        raise InputError(
            f"'{path}' has {has}, and the model's inputs are {', '.join(sorted(types))}; save "
            "all of them by name with numpy.savez"
        )
    return arrays


def _split(array: Feed, name: str, kind: onnx.TypeProto, path: Path) -> list[Feed]:
    """The samples in an array: of the input's shape, without its first axis, or with more of it."""
    shape = tuple(d.dim_value for d in kind.tensor_type.shape.dim)
    typed = _typed(array, name, kind, path)
    if typed.shape == shape[1:] and shape[:1] == (1,):
        return [typed.reshape(shape)]
    fits = typed.ndim == len(shape) > 0 and typed.shape[1:] == shape[1:]
    if not fits or typed.shape[0] == 0 or typed.shape[0] % shape[0]:
        if typed.shape == shape:
            return [typed]
        raise InputError(
            f"'{path}': input '{name}' has the shape {list(typed.shape)}, and the model takes "
            f"{list(shape)}; give arrays of that shape, or several along the first axis"
        )
    return np.split(typed, typed.shape[0] // shape[0])


def _typed(array: Feed, name: str, kind: onnx.TypeProto, path: Path) -> Feed:
    dtype = element_type(name, kind)
    if array.dtype.kind not in "fiub" or not np.can_cast(array.dtype, dtype, "same_kind"):
        raise InputError(
            f"'{path}': input '{name}' is of {array.dtype}, and the model takes {dtype}; convert it"
        )
    with np.errstate(over="ignore"):
        typed = array.astype(dtype)
    if dtype.kind == "f" and not np.isfinite(typed).all():
        raise InputError(
            f"'{path}': input '{name}' has values that are not finite as {dtype}; correct it"
        )
    return typed
