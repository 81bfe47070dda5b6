"""Data from files: samples by the names of a model's inputs, and the class of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.network.samples import (
    Feed,
    Feeds,
    Types,
    element_type,
    fitting_samples,
    read_arrays,
    sample_files,
)
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.data.labels import checked_labels
from dfsrt.optimize.data.split import held, split

LABELS = "labels"
_ENDINGS = (".npy", ".npz")


def stored(types: Types, path: Path, samples: int | None) -> Calibration:
    """Return the first ``samples`` of a folder's files, or of one file; None is all.

    Raises:
        InputError: no such file, or data or labels that do not fit.
    """
    files, beside, said = _files(path, types)
    labels: list[Ints | None] = []
    feeds = held(_read(files, types, labels), samples)
    if not feeds:
        raise InputError(f"'{path}' has no sample; save one at least")
    if beside is not None:
        labels.append(checked_labels(read_arrays(beside)[""], None, beside))
    classes = _joined(labels, len(feeds), samples, path)
    return split(feeds, classes, f"{len(feeds)} samples of {said}")


def _files(path: Path, types: Types) -> tuple[list[Path], Path | None, str]:
    """The files of samples, that of labels alone, and what to call them."""
    if path.suffix.lower() in _ENDINGS and path.is_file():
        return [path], None, str(path)
    if not path.is_dir():
        is_what = "is no .npy or .npz file" if path.exists() else "does not exist"
        raise InputError(
            f"data '{path}' {is_what}; give a folder of .npy or .npz files, one such file, "
            "'random' or 'digits'"
        )
    inside, others = sample_files(path)
    files = [file for file in inside if file.name != f"{LABELS}.npy"]
    beside = path / f"{LABELS}.npy" if len(files) < len(inside) and LABELS not in types else None
    left = f"; {others} other files left out" if others else ""
    return files if beside else inside, beside, f"{path}{left}"


def _read(files: list[Path], types: Types, labels: list[Ints | None]) -> Iterator[Feeds]:
    """Yield the samples of all files; ``labels`` gets those of each file."""
    for path in files:
        arrays = read_arrays(path)
        own = arrays.pop(LABELS, None) if LABELS not in types else None
        if len(types) == 1 and len(arrays) == 1:  # its name says nothing
            arrays = {next(iter(types)): next(iter(arrays.values()))}
        _check_whole_numbers(arrays, types, path)
        feeds = list(fitting_samples(arrays, types, path))
        labels.append(None if own is None else checked_labels(own, len(feeds), path))
        yield from feeds


def _check_whole_numbers(arrays: dict[str, Feed], types: Types, path: Path) -> None:
    """Check that no input that takes real numbers is given pixels as a camera has them."""
    for name in sorted(set(arrays) & set(types)):
        given, taken = arrays[name].dtype, element_type(name, types[name])
        if given.kind in "iub" and taken.kind == "f":
            raise InputError(
                f"'{path}': input '{name}' holds {given}, and the model takes {taken}; scale it as "
                f"in training and save that, for example (x / 255).astype('{taken}')"
            )


def _joined(labels: list[Ints | None], count: int, samples: int | None, path: Path) -> Ints | None:
    """All labels, ``(n_samples,)``, of the ``count`` samples that were taken."""
    given = [own for own in labels if own is not None]
    if not given:
        return None
    every = np.concatenate(given)
    if len(every) < count or (samples is None and len(every) > count):
        raise InputError(
            f"'{path}' has {len(every)} labels for {count} samples; save one label a sample"
        )
    return every[:count]
