"""Files of samples: arrays by the names of a model's inputs, checked against their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zipfile import ZipFile

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there
from dfsrt.base.reading import limit_bytes, open_file, too_large
from dfsrt.network.samples.feeds import Feed, element_type

if TYPE_CHECKING:
    import onnx

MOST_UNPACKED = 4 << 30
"""Bytes that an archive of arrays may come to."""
Feeds = Mapping[str, Feed]
Types = Mapping[str, "onnx.TypeProto"]


def sample_files(folder: Path) -> tuple[list[Path], int]:
    """Return a folder's ``.npy`` and ``.npz`` files, by name, and how many others it has.

    Raises:
        InputError: no such folder, or none of such files in it.
    """
    if not is_there(folder, Path.is_dir):
        is_file = "is a file" if is_there(folder) else "does not exist"
        raise InputError(
            f"inputs '{folder}' {is_file}; give a folder of .npy or .npz files, or 'random'"
        )
    inside = sorted(folder.iterdir())
    files = [path for path in inside if path.suffix.lower() in (".npy", ".npz")]
    if not files:
        raise InputError(
            f"folder '{folder}' has no .npy or .npz file; save inputs with numpy.save or "
            "numpy.savez, by the names of the model's inputs"
        )
    return files, len(inside) - len(files)


def file_samples(path: Path, types: Types) -> Iterator[Feeds]:
    """Yield the samples of one file.

    Raises:
        InputError: arrays that do not fit the model's inputs.
    """
    yield from fitting_samples(read_arrays(path), types, path)


def fitting_samples(arrays: Feeds, types: Types, path: Path) -> Iterator[Feeds]:
    """Yield the samples in arrays that ``path`` holds, ``""`` being one without a name.

    Raises:
        InputError: arrays that do not fit the model's inputs.
    """
    arrays = _named(arrays, types, path)
    parts = {name: _split(array, name, types[name], path) for name, array in arrays.items()}
    counts = {name: len(operators) for name, operators in parts.items()}
    if len(set(counts.values())) > 1:
        raise InputError(f"'{path}' has another number of samples for each input: {counts}")
    for feeds in zip(*parts.values(), strict=True):
        yield dict(zip(parts, feeds, strict=True))


def read_arrays(path: Path) -> dict[str, Feed]:
    """Return a file's arrays, of any shape, by name; that of an ``.npy`` has none.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with open_file(path) as file:
            if path.suffix.lower() == ".npz":
                _check_archive(file, path)
                return dict(np.load(file, allow_pickle=False))
            return {"": np.asarray(np.load(file, allow_pickle=False))}
    except InputError:
        raise
    except (OSError, ValueError, EOFError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        if "pickle" in reason:  # what numpy takes anything else for
            reason = "it holds Python objects, or is no numpy file"
        raise InputError(f"cannot read '{path}': {reason}; save it with numpy.save") from error
    except Exception as error:  # a damaged archive raises the zip library's own kinds
        raise InputError(f"'{path}' is no numpy archive ({error}); save it anew") from error


def _check_archive(file: BinaryIO, path: Path) -> None:
    """Check what an archive says that it unpacks to; the library holds its files to it."""
    with ZipFile(file) as archive:
        size = sum(member.file_size for member in archive.infolist())
    most = limit_bytes(MOST_UNPACKED)
    if size > most:
        raise InputError(too_large(f"'{path}', unpacked,", size, most))
    file.seek(0)


def _named(arrays: Feeds, types: Types, path: Path) -> Feeds:
    if "" in arrays and len(types) == 1:
        return {next(iter(types)): arrays[""]}
    if sorted(arrays) != sorted(types):
        has = ", ".join(sorted(arrays)) or "no array of an input"
        has = "one array without a name" if "" in arrays else has
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
        several = f", or several along the first axis, as {['N', *shape[1:]]}" if shape else ""
        raise InputError(
            f"'{path}': input '{name}' has the shape {list(typed.shape)}, and the model takes "
            f"{list(shape)}; give arrays of that shape{several.replace(chr(39), '')}"
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
